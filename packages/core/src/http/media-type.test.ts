import { describe, expect, it } from "vitest";
import { bodyKindOf, namesOtherCharset } from "./media-type.js";

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
    "application/json; charset*=utf-16''",
    "application/json; charset*0=utf-16",
    "application/json; x=y, text/plain; charset=utf-7",
    "application/json; x=y, charset=utf-7",
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

describe("namesOtherCharset", () => {
  it.each([
    "text/plain; charset=iso-8859-1",
    "text/plain;CHARSET = UTF-16",
    'text/plain; charset="utf-7"',
    "text/plain; charset=utf-8; charset=utf-7",
    "text/plain, text/html; charset=utf-7",
    "text/plain; charset*=utf-7''",
    "charset=utf-7",
  ])("sees the one in %s", (contentType) => {
    expect(namesOtherCharset(contentType)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "text/plain",
    "text/plain; charset=utf-8",
    'text/plain; charset="UTF8"',
    "text/plain; x-charset=utf-7",
    "multipart/form-data; boundary=charset",
  ])("sees none in %s", (contentType) => {
    expect(namesOtherCharset(contentType)).toBe(false);
  });
});
