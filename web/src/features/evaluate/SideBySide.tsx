import { Badge, Group, Paper, Switch, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Fragment, useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import type { Answer } from './evaluate'
import { ReasonBadge, valueOf } from './Results'
import classes from './SideBySide.module.css'
import { toRows } from './answerRows'
import { TraceView } from './TraceView'

/** What a context gets in every environment, a column each. What is not the same everywhere stands out. */
export function SideBySide({ answers, environments }: { answers: Answer[]; environments: EnvironmentView[] }) {
  const m = useMessages()
  const rows = toRows(answers)
  const [onlyDifferent, setOnlyDifferent] = useState(false)
  const [open, setOpen] = useState<string | null>(rows.length === 1 ? (rows[0]?.flag ?? null) : null)
  const different = rows.filter(({ differs }) => differs).length
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Text size="sm">{m.contexts.differ(different, rows.length)}</Text>
        <Switch size="sm" label={m.contexts.onlyDifferent} checked={onlyDifferent} onChange={(event) => setOnlyDifferent(event.currentTarget.checked)} />
      </Group>
      {/* Wider than a phone: it scrolls, and the keyboard must reach it. */}
      <Paper className={`surface ${classes.scroll}`} tabIndex={0} role="region" aria-label={m.contexts.everywhere}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{m.evaluate.flag}</th>
              {answers.map(({ environment, revision }) => {
                const view = environments.find(({ key }) => key === environment)
                return (
                  <th key={environment} scope="col">
                    {view === undefined ? environment : <EnvironmentMark environment={view} />}
                    <Text size="xs" c="dimmed">
                      {m.evaluate.revision(revision)}
                    </Text>
                  </th>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {rows
              .filter(({ differs }) => differs || !onlyDifferent)
              .map(({ flag, results, differs }) => {
                const Chevron = open === flag ? IconChevronDown : IconChevronRight
                return (
                  <Fragment key={flag}>
                    <tr data-differs={differs || undefined}>
                      <th scope="row">
                        <UnstyledButton
                          className={classes.flag}
                          aria-expanded={open === flag}
                          aria-label={m.evaluate.showTrace(flag)}
                          onClick={() => setOpen(open === flag ? null : flag)}
                        >
                          <Chevron size={15} aria-hidden />
                          <span className="mono">{flag}</span>
                        </UnstyledButton>
                      </th>
                      {results.map((result, index) => (
                        <td key={index}>
                          {result === undefined ? (
                            '–'
                          ) : (
                            <>
                              <div className={`mono ${classes.value}`}>{valueOf(result, m)}</div>
                              <ReasonBadge result={result} />
                            </>
                          )}
                        </td>
                      ))}
                    </tr>
                    {open === flag && (
                      <tr>
                        <td className={classes.corner}>
                          <Badge variant="default" tt="none">
                            {m.evaluate.trace}
                          </Badge>
                        </td>
                        {results.map((result, index) => (
                          <td key={index} className={classes.trace}>
                            {result?.trace && <TraceView trace={result.trace} />}
                          </td>
                        ))}
                      </tr>
                    )}
                  </Fragment>
                )
              })}
          </tbody>
        </table>
      </Paper>
    </>
  )
}
