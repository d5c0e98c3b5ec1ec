// Each document of a manifest as a constant of its type, for a type checker to judge.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

for (const document of parseAllDocuments(readFileSync(process.argv[1], 'utf8'))) {
  if (document.errors.length > 0) throw document.errors[0];
  const object = document.toJS();
  console.log(`{ const it: import("kubernetes-models/${object.apiVersion}").I${object.kind} = ${JSON.stringify(object)}; void it; }`);
}
