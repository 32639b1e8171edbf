// "backstore report" in a real browser: Debian's Chromium opens the page of a session whose names
// want to be more than names, and is asked what it has made of it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderPage } from "../../src/report/overview/page.ts";
import { hostile, overviewOf } from "../support/overview.ts";
import { inNamespace } from "./namespaces.ts";
import { copyProgram, isRoot, rootNote, run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const program = copyProgram(directory);
const executablePath = "/usr/bin/chromium";
const hasBrowser = existsSync(executablePath);
const browserNote = hasBrowser ? "" : " (skipped: there is no Chromium)";

/** Writes the page of an overlay that is the root, and returns its file. */
function makeSessionPage(): string {
  const at = join(directory, "session");
  const file = join(directory, "session.html");
  mkdirSync(at);
  const script = `
    cd "$1"; mount -t tmpfs changes .; cd "$1"
    mkdir -p base/etc base/proc base/sys base/dev base/layers base/out upper work root
    echo one > base/etc/a; head -c 50000 /dev/zero > base/etc/gone
    mount --bind . base/layers
    mount -t overlay -o "lowerdir=$PWD/base,upperdir=$PWD/upper,workdir=$PWD/work" overlay root
    mkdir -p "root$PWD" root/old; mount --rbind /proc root/proc; mount --rbind . "root$PWD"
    mount --rbind /sys root/sys; mount --bind "$3" root/out
    cp "$2" root/backstore; echo two > root/etc/a; rm root/etc/gone
    mkdir root/home; head -c 3000000 /dev/zero > "root/home/<img src=x onerror=alert(1)>"
    head -c 2000000 /dev/zero > root/home/plain
    i=0; while [ $i -lt 200 ]; do head -c 100 /dev/zero > root/home/small$i; i=$((i + 1)); done
    cd root; pivot_root . old
    /backstore report --output /out/session.html`;
  run([...inNamespace, "sh", "-euc", script, "sh", at, program, directory]);
  return file;
}

interface Opened {
  readonly page: Page;
  /** What the browser complained about. */
  readonly said: string[];
  /** What it asked for beside the file. */
  readonly asked: string[];
}

async function open(browser: Browser, file: string): Promise<Opened> {
  const page = await browser.newPage();
  const url = pathToFileURL(file).href;
  const [said, asked]: [string[], string[]] = [[], []];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) asked.push(request.url());
  });
  await page.goto(url, { waitUntil: "networkidle" });
  return { page, said, asked };
}

/** Adds up the rectangles of the map as the browser has laid them out, and their bytes. */
function measureMap(page: Page) {
  return page.evaluate(`(() => {
    const map = document.querySelector("svg.map");
    const leaves = [...map.querySelectorAll("rect:not(.outline)")].map((rect) => {
      const { width, height } = rect.getBBox();
      return { area: width * height, bytes: Number(rect.dataset.bytes) };
    });
    const { width, height } = map.viewBox.baseVal;
    return { leaves, whole: width * height };
  })()`) as Promise<{ leaves: { area: number; bytes: number }[]; whole: number }>;
}

async function expectSound({ page, said, asked }: Opened): Promise<void> {
  expect({ said, asked }).toEqual({ said: [], asked: [] });
  expect(await page.title()).toMatch(/^backstore: /);
  expect(await page.locator("script, img, iframe, object").count()).toBe(0);
  const { leaves, whole } = await measureMap(page);
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  expect(leaves.reduce((sum, leaf) => sum + leaf.area, 0) / whole).toBeCloseTo(1, 3);
  for (const leaf of leaves) expect(leaf.area / whole).toBeCloseTo(leaf.bytes / bytes, 3);
}

describe.skipIf(!hasBrowser)(`report in a browser${browserNote}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
  });

  test("shows hostile labels, names and problems as text", async () => {
    const file = join(directory, "hostile.html");
    writeFileSync(file, renderPage(overviewOf()));
    const opened = await open(browser, file);
    await expectSound(opened);
    const { page } = opened;
    const text = (await page.locator("body > *").allInnerTexts()).join("\n");
    expect(text).toContain('its label is "<script>document.title="taken"</script>');
    expect(text.split("<script>").length - 1).toBeGreaterThanOrEqual(3);
    expect(text).not.toContain(hostile.at(-1));
    const titles = await page.locator("svg.map title").allTextContents();
    expect(titles.filter((title) => title.includes("<script>")).length).toBe(1);
  });

  test("fits a narrow screen, and has nothing wider than paper when it is printed", async () => {
    const { page } = await open(browser, join(directory, "hostile.html"));
    const isWider = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate(isWider)).toBe(false);
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 700, height: 1000 });
    expect(await page.evaluate(isWider)).toBe(false);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  });

  test.skipIf(!isRoot)(`shows the changes of a real overlay${rootNote}`, async () => {
    const opened = await open(browser, makeSessionPage());
    await expectSound(opened);
    const { page } = opened;
    const titles = await page.locator("svg.map title").allTextContents();
    expect(titles).toContain('"/home/<img src=x onerror=alert(1)>": added, 2.8 MiB');
    expect(titles).toContain('200 changes in "/home": added, 19.5 KiB');
    expect(titles.filter((title) => title.includes(": deleted, 48.8 KiB"))).toHaveLength(1);
  });
});

test("report leaves what is no report as it is, and goes through nobody else's link", () => {
  const mine = join(directory, "mine.html");
  writeFileSync(mine, "mine");
  const refused = tryRun([program, "report", "--output", mine]);
  expect(refused.status).toBe(8);
  expect(refused.stderr).toContain("something else than a report is there");
  expect(readFileSync(mine, "utf8")).toBe("mine");
});

test.skipIf(!isRoot)(`report goes through no link of somebody else${rootNote}`, () => {
  mkdirSync(join(directory, "theirs"));
  mkdirSync(join(directory, "ours"));
  run(["ln", "-s", join(directory, "ours"), join(directory, "theirs/link")]);
  run(["chown", "-h", "65534", join(directory, "theirs/link")]);
  const refused = tryRun([program, "report", "--output", join(directory, "theirs/link/a.html")]);
  expect(refused.status).toBe(8);
  expect(refused.stderr).toContain("is a link whose owner does not own what it leads to");
  expect(existsSync(join(directory, "ours/a.html"))).toBe(false);
});
