import { readProblem } from '@/shared/api/problem'
import { authorizedFetch } from '@/shared/api/session'
import type { AuditFilter } from '@/shared/audit/listAudit'

export type ExportFormat = 'csv' | 'ndjson'

/** Saves the entries that the filters leave as a file. */
export async function exportAudit(org: string, filter: AuditFilter, format: ExportFormat): Promise<void> {
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) {
      query.set(name, value)
    }
  }
  const response = await authorizedFetch(new Request(`/api/v1/orgs/${encodeURIComponent(org)}/audit/export?${query.toString()}`))
  if (!response.ok) {
    throw await readProblem(response)
  }
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `audit-${org}-${new Date().toISOString().slice(0, 10)}.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
