// Reads HDF files with Heimdall's own library: for each file, the status of every control as it would show them.
"use strict";
const fs = require("fs");
const { contextualizeEvaluation, convertFile } = require("inspecjs");

const seen = {};
for (const path of process.argv.slice(2)) {
  const evaluation = contextualizeEvaluation(convertFile(fs.readFileSync(path, "utf8"))["1_0_ExecJson"]);
  seen[path] = Object.fromEntries(evaluation.contains[0].contains.map((one) => [one.data.id, one.hdf.status]));
}
process.stdout.write(JSON.stringify(seen));
