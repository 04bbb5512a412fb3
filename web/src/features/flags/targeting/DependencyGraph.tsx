import { Text, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { layoutDependencies } from '@/shared/targeting/dependencyLayout'
import type { Dependencies } from './dependencies'
import classes from './DependencyGraph.module.css'

type Props = { scope: Scope; flag: string; environment: string; dependencies: Dependencies }

const width = 190
const height = 46
const gapX = 74
const gapY = 12

/** The flags that this one needs on its left, those that need it on its right. */
export function DependencyGraph({ scope, flag, environment, dependencies }: Props) {
  const m = useMessages()
  const { flags, edges, truncated } = dependencies
  const placed = layoutDependencies(flag, flags.map(({ key }) => key), edges)
  const first = Math.min(...placed.map(({ column }) => column))
  const columns = Math.max(...placed.map(({ column }) => column)) - first + 1
  const rows = Math.max(...placed.map(({ row }) => row)) + 1
  const inColumn = (column: number) => placed.filter((item) => item.column === column).length
  const at = (key: string) => {
    const item = placed.find((one) => one.key === key)
    return item === undefined
      ? undefined
      : {
          x: (item.column - first) * (width + gapX),
          // Short columns stand in the middle.
          y: (item.row + (rows - inColumn(item.column)) / 2) * (height + gapY),
        }
  }
  return (
    <div>
      <div className={classes.frame} role="group" aria-label={m.dependencies.title} tabIndex={0}>
        <div className={classes.canvas} style={{ width: columns * (width + gapX) - gapX, height: rows * (height + gapY) - gapY }}>
          <svg className={classes.edges} aria-hidden>
            {edges.map(({ flag: from, needs, variants }) => {
              const start = at(needs)
              const end = at(from)
              if (start === undefined || end === undefined) {
                return null
              }
              const [x1, y1, x2, y2] = [start.x + width, start.y + height / 2, end.x - 5, end.y + height / 2]
              const bend = (x2 - x1) / 2
              return (
                <g key={`${from} ${needs}`}>
                  <path className={classes.edge} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />
                  <path className={classes.head} d={`M${x2 + 4} ${y2}l-7 -4v8z`} />
                  <text className={classes.variants} x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 5}>
                    {variants.join('|').slice(0, 12)}
                  </text>
                </g>
              )
            })}
          </svg>
          {flags.map(({ key, name, enabled, archived }) => {
            const place = at(key)
            return (
              place && (
                <Link
                  key={key}
                  to="/p/$org/$project/flags/$flag"
                  params={{ ...scope, flag: key } as never}
                  search={{ env: environment } as never}
                  className={classes.node}
                  data-middle={key === flag || undefined}
                  aria-current={key === flag ? 'page' : undefined}
                  style={{ left: place.x, top: place.y, width, height }}
                >
                  <span className={classes.state} data-on={(enabled && !archived) || undefined} aria-hidden />
                  <span className={classes.text}>
                    <span className={classes.name}>{name || key}</span>
                    <span className={classes.key}>{key}</span>
                  </span>
                  <VisuallyHidden>
                    {[
                      archived ? m.flags.archived : enabled ? m.dependencies.on : m.dependencies.off,
                      ...edges.filter((edge) => edge.flag === key).map((edge) => m.dependencies.needs(edge.needs, edge.variants.join(', '))),
                    ].join('. ')}
                  </VisuallyHidden>
                </Link>
              )
            )
          })}
        </div>
      </div>
      <Text size="xs" c="dimmed" mt={6}>
        {truncated ? m.dependencies.truncated : m.dependencies.hint}
      </Text>
    </div>
  )
}
