// The page of a report: what is in it, and that no text of a disk becomes more than that.
// test/tools/report.test.ts opens it in a browser.
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatElement, formatForeign, formatHtml } from "../../../src/report/overview/html.ts";
import { pageBeginning, renderPage } from "../../../src/report/overview/page.ts";
import { change, hostile, overviewFacts, overviewOf, seeChanges } from "../../support/overview.ts";

/** Lists the names of the tags in a page. */
function listTags(html: string): string[] {
  return [...html.matchAll(/<([a-z0-9]+)/gi)].map(([, name = ""]) => name);
}

const known = new Set([
  ...["html", "head", "meta", "link", "title", "style", "body", "header", "footer"],
  ...["h1", "h2", "h3", "p", "ul", "li", "code", "span", "table", "tr", "td"],
  ...["svg", "rect", "text"],
]);

describe("formatHtml()", () => {
  test("formatHtml() leaves nothing that means something in HTML", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(formatHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  test("formatForeign() escapes what a browser hides or turns round", () => {
    expect(formatForeign("a\u202eb\u0007<")).toBe("a\\u202eb\\u0007&lt;");
  });

  test("formatElement() leaves out attributes that are undefined, and rounds numbers", () => {
    expect(formatElement("rect", { class: '"', x: 1 / 3, y: undefined }, "")).toBe(
      '<rect class="&quot;" x="0.33"></rect>',
    );
    expect(formatElement("link", { rel: "icon" })).toBe('<link rel="icon">');
  });
});

describe("renderPage()", () => {
  test("renderPage() renders a report with all that there can be", async () => {
    const path = join(import.meta.dirname, "../../golden/report/page.html");
    await expect(renderPage(overviewOf())).toMatchFileSnapshot(path);
  });

  test("renderPage() begins as nothing else does, and allows nothing to be fetched", () => {
    const html = renderPage(overviewOf());
    expect(html.startsWith(`${pageBeginning}\n`)).toBe(true);
    expect(html).toContain('content="default-src &#39;none&#39;;');
    expect(html).not.toMatch(/<script|\son\w+=|javascript:|(?:src|href)="(?!data:,")/i);
  });

  test("renderPage() makes text of every name, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const { state, devices } = overviewFacts();
        const [, , , disk] = devices;
        const html = renderPage(
          overviewOf({
            state: {
              ...state,
              boot: { ...state.boot!, reason: text, problems: [{ message: text }] },
              findings: [{ level: "error", message: text }],
            },
            changes: seeChanges([change(`/${text}`, "added", 1e6), change("/b", "same", 1e6)]),
            devices: [{ ...disk!, model: text, path: text }],
            version: text,
          }),
        );
        expect(listTags(html).filter((name) => !known.has(name))).toEqual([]);
      }),
    );
  });

  test("renderPage() says why there is nothing to see", () => {
    const html = renderPage(
      overviewOf({
        changes: { unseen: 'Cannot show "<b>"' },
        past: { boots: [], fault: "they are no list" },
        state: { ...overviewFacts().state, word: "none", boot: undefined, room: undefined },
        devices: [],
      }),
    );
    expect(html).toContain("<p>Cannot show &quot;&lt;b&gt;&quot;</p>");
    expect(html).toContain("<p>The earlier boots in the store are ignored: they are no list</p>");
    expect(html).toContain("<p>No boot is recorded</p>");
    expect(html).toContain("<p>No disk was found</p>");
    expect(html).toContain("<p>Do: <code>backstore install MEDIUM</code></p>");
  });

  test("renderPage() shows a hostile label as what it is", () => {
    expect(renderPage(overviewOf())).not.toContain(hostile.slice(0, 10));
  });
});
