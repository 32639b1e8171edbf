// The picture in the README: a page of "backstore report", with everyday names, as one SVG.

import { renderPage } from "../src/report/overview/page.ts";
import {
  change,
  overviewFacts,
  overviewOf,
  pastBoots,
  seeChanges,
  someBoot,
  someDisks,
} from "./support/overview.ts";

const mebibyte = 2 ** 20;

const changes = [
  change("/etc/hosts", "modified", 4096),
  change("/etc/NetworkManager/system-connections/home.nmconnection", "added", 512),
  change("/home/ada/notes.txt", "added", 2 * mebibyte),
  change("/home/ada/.mozilla/places.sqlite", "added", 11 * mebibyte),
  change("/home/ada/pictures/harbour.jpg", "added", 9 * mebibyte),
  change("/home/ada/pictures/lighthouse.jpg", "added", 6 * mebibyte),
  ...Array.from({ length: 120 }, (_, index) =>
    change(`/home/ada/pictures/thumbnails/${index}.png`, "added", 20_000 + 100 * index),
  ),
  change("/usr/bin/nmap", "added", 7 * mebibyte),
  change("/usr/lib/libssl.so.3", "modified", 14 * mebibyte),
  change("/usr/share/doc/manual.pdf", "deleted", 10 * mebibyte),
  change("/usr/share/icons/theme.cache", "same", 4 * mebibyte),
  change("/var/cache/apt/pkgcache.bin", "added", 16 * mebibyte),
  change("/var/log/journal/system.journal", "modified", 8 * mebibyte),
];

/** Renders the picture; the page's own elements and style are in it. */
export function renderReportPicture(): string {
  const { state } = overviewFacts();
  const store = { ...someBoot.store!, device: "/dev/sda2" };
  const candidates = someBoot.candidates!.map((candidate) =>
    candidate.device === "/dev/sdb" ? { ...candidate, reason: "it has no label" } : candidate,
  );
  const [stick, ...others] = someDisks;
  const html = renderPage(
    overviewOf({
      state: { ...state, boot: { ...someBoot, store, candidates } },
      changes: seeChanges(changes),
      past: {
        boots: pastBoots
          .slice(-8)
          .map(({ note, ...boot }, index) =>
            index === 2 ? { ...boot, note: "The last session did not end cleanly" } : boot,
          ),
      },
      devices: [
        { ...stick!, model: "Flash Disk" },
        ...others.map((device) =>
          device.path === "/dev/sdb"
            ? { ...device, superblock: { ...device.superblock!, label: undefined } }
            : device,
        ),
      ],
    }),
  );
  const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  const [, body = ""] = /<body>([\s\S]*?)<\/body>/.exec(html) ?? [];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="992" height="1330" viewBox="0 0 992 1330">
<title>A report of backstore</title>
<style>${style.replace("body {", ".page {")}</style>
<foreignObject width="992" height="1330">
<div xmlns="http://www.w3.org/1999/xhtml" class="page">${body.replaceAll("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')}</div>
</foreignObject>
</svg>
`;
}
