/** Every relative link of every page leads somewhere, anchors included. */
import { describe, expect, it } from "vitest";
import { headings, links } from "./markdown.js";
import { allPages, linkedPath, type Page } from "./pages.js";

const pages = allPages();

describe.each(pages)("$path", (page) => {
  const relative = links(page.text).filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));

  it("has no relative link that leads nowhere", () => {
    expect(relative.filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });
});

function leadsSomewhere(page: Page, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page.path : linkedPath(page, file);
  if (path === undefined) return false;
  if (anchor === undefined) return true;
  const linked = pages.find((one) => one.path === path);
  return linked !== undefined && headings(linked.text).some((heading) => heading.anchor === anchor);
}
