import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath, URL } from 'node:url'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'

/**
 * The types of `spec/openapi.json`, but for the answer 202 with a change request: `unwrap` turns that into an error for every call, so no call gives it, and with it the type of every result
 * would be one of two things.
 */
export async function clientTypes() {
  const document = JSON.parse(await readFile(new URL('../spec/openapi.json', import.meta.url), 'utf8'))
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) {
      const schema = operation.responses?.['202']?.content?.['application/json']?.schema
      if (schema?.$ref === '#/components/schemas/ChangeRequestView') {
        delete operation.responses['202']
      }
    }
  }
  return COMMENT_HEADER + astToString(await openapiTS(document))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('./src/shared/api/schema.ts', import.meta.url), await clientTypes())
}
