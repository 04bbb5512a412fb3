import type { EnvironmentView } from '@/shared/api/types'

/** The columns between the flag's name and the end of the row, in their order. Environments have one each: `env.prod`. */
export const plainColumns = ['serves', 'usage', 'lifecycle', 'owner', 'category', 'created', 'updated'] as const
export type PlainColumn = (typeof plainColumns)[number]

export type Columns = { plain: ReadonlySet<PlainColumn>; environments: EnvironmentView[] }

/** Without a choice of one's own a list has at most so many switches in a row. */
const mostEnvironments = 6
const first: PlainColumn[] = ['serves', 'usage', 'lifecycle', 'updated']

/** The columns that an address or a person's last choice names; `null` for none. */
export function readColumns(text: string | null | undefined, environments: EnvironmentView[], current: EnvironmentView | undefined): Columns {
  if (text === null || text === undefined) {
    const some = environments.slice(0, mostEnvironments)
    const shown = current === undefined || some.includes(current) ? some : [...some.slice(0, -1), current]
    return { plain: new Set(first), environments: shown }
  }
  const names = new Set(text.split(','))
  return {
    plain: new Set(plainColumns.filter((column) => names.has(column))),
    environments: environments.filter(({ key }) => names.has(`env.${key}`)),
  }
}

export function writeColumns({ plain, environments }: Columns): string {
  return [...plainColumns.filter((column) => plain.has(column)), ...environments.map(({ key }) => `env.${key}`)].join(',') || 'none'
}

const widths: Record<PlainColumn, string> = {
  serves: 'minmax(120px, 1fr)',
  usage: '100px',
  lifecycle: '74px',
  owner: '130px',
  category: '110px',
  created: '116px',
  updated: '112px',
}

/** The columns as a grid, in the order in which {@link FlagRow} draws its cells. */
export function gridOf({ plain, environments }: Columns, selectable: boolean): string {
  const width = (column: PlainColumn) => (plain.has(column) ? [widths[column]] : [])
  return [
    ...(selectable ? ['22px'] : []),
    'minmax(240px, 1.7fr)',
    ...width('serves'),
    ...(environments.length > 0 ? [`repeat(${environments.length}, minmax(64px, 88px))`] : []),
    ...(['usage', 'lifecycle', 'owner', 'category', 'created', 'updated'] as const).flatMap(width),
  ].join(' ')
}

/** What of the columns there is room for: a phone has the switch of the chosen environment only. */
export function fitColumns(columns: Columns, room: 'phone' | 'tablet' | 'desk', current: EnvironmentView | undefined): Columns {
  if (room === 'desk') {
    return columns
  }
  if (room === 'phone') {
    return { plain: new Set(), environments: current === undefined ? columns.environments.slice(0, 1) : [current] }
  }
  return { ...columns, plain: new Set([...columns.plain].filter((column) => column === 'updated')) }
}
