import { describe, expect, it } from "vitest";
import { bodyKindOf } from "./media-type.js";

describe("bodyKindOf", () => {
  it.each([
    "application/json",
    "Application/JSON",
    " application/json ",
    "application/json;charset=utf-8",
    'application/json; charset="UTF-8"',
    "application/json; charset=utf8",
    "application/json; profile=x",
    "application/problem+json",
    "application/vnd.api+json; ext=y; charset=UTF-8",
    "image/svg+json",
  ])("%s is JSON", (contentType) => {
    expect(bodyKindOf(contentType)).toBe("json");
  });

  it.each([
    "",
    "text/html",
    "text/plain; charset=utf-8",
    "text/json",
    "application/jsonp",
    "application/json-seq",
    "application/javascript",
    "application/xml",
    "+json",
    "application/+ json",
    "application/json, text/html",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json; charset=",
    "application/json; Charset=UTF-16",
  ])("%j is something else, and is withheld where it would have to be filtered", (contentType) => {
    expect(bodyKindOf(contentType)).toBe("other");
  });

  it.each([
    ["application/x-ndjson", "json-lines"],
    ["application/jsonl; charset=utf-8", "json-lines"],
    ["text/event-stream", "event-stream"],
    ["Text/Event-Stream;charset=UTF-8", "event-stream"],
    ["text/event-stream; charset=utf-16", "other"],
    ["application/x-ndjson; charset=latin1", "other"],
    ["text/event-streams", "other"],
    ["toString", "other"],
  ])("%s is %s", (contentType, kind) => {
    expect(bodyKindOf(contentType)).toBe(kind);
  });

  it("a missing type is something else", () => {
    expect(bodyKindOf(undefined)).toBe("other");
  });
});
