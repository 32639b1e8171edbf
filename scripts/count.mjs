// Prints the ten slowest files of a vitest report in JSON, and "N passed, N failed, N skipped"; a
// file that could not even be loaded has failed.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const seconds = ({ startTime, endTime }) => (endTime - startTime) / 1000;
const slowest = report.testResults
  .toSorted((one, other) => seconds(other) - seconds(one))
  .slice(0, 10);
console.log("Slowest files:");
for (const file of slowest)
  console.log(`${seconds(file).toFixed(1).padStart(8)} s  ${relative("", file.name)}`);
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
);
const failed = report.numFailedTests + broken.length;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || report.numPassedTests === 0 ? 1 : 0);
