/** The filters of the audit log as they stand in the address; `entry` is the one that is open. Days are in the person's time zone. */
export type AuditSearch = {
  project?: string
  environment?: string
  entity?: string
  entityKey?: string
  actor?: string
  action?: string
  from?: string
  to?: string
  search?: string
  entry?: string
}

/** The first instant of a day in the person's time zone, as the API takes it. */
export function startOfDay(day: string | undefined, offset = 0): string | undefined {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day)) {
    return undefined
  }
  const date = new Date(`${day}T00:00:00`)
  date.setDate(date.getDate() + offset)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
