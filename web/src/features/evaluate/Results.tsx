import { Anchor, Badge, Paper, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import classes from './EvaluatePage.module.css'
import type { Result } from './evaluate'
import { TraceView } from './TraceView'

type Props = { scope: Scope; results: Result[] }

const colors: Record<string, string> = {
  TARGETING_MATCH: 'teal',
  SPLIT: 'brand',
  DISABLED: 'gray',
  PREREQUISITE_FAILED: 'orange',
  ERROR: 'red',
}

/** The answers, each with its trace. A single one is open from the start. */
export function Results({ scope, results }: Props) {
  return (
    <Paper className="surface" style={{ overflow: 'clip' }}>
      {results.map((result) => (
        <Line key={result.flag} scope={scope} result={result} single={results.length === 1} />
      ))}
    </Paper>
  )
}

function Line({ scope, result, single }: { scope: Scope; result: Result; single: boolean }) {
  const m = useMessages()
  const [open, setOpen] = useState(single)
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <div className={classes.result}>
      <UnstyledButton className={classes.line} aria-expanded={open} aria-label={m.evaluate.showTrace(result.flag)} onClick={() => setOpen(!open)}>
        <Chevron size={16} aria-hidden />
        <Text size="sm" fw={600} className="mono" truncate>
          {result.flag}
        </Text>
        <span className={classes.value}>
          <Text span size="sm" className="mono">
            {valueOf(result, m)}
          </Text>
          {result.variant !== null && String(result.value) !== result.variant && (
            <Text span size="sm" c="dimmed" className="mono">
              {' '}
              ({result.variant})
            </Text>
          )}
        </span>
        <span className={classes.reason}>
          <ReasonBadge result={result} />
        </span>
      </UnstyledButton>
      {open && (
        <div className={classes.trace}>
          <Text size="xs" fw={600} c="dimmed" mb={4}>
            {m.evaluate.trace}
          </Text>
          {result.trace && <TraceView trace={result.trace} />}
          <Anchor component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: result.flag } as never} size="sm" mt="xs" display="inline-block">
            {m.evaluate.openFlag}
          </Anchor>
        </div>
      )}
    </div>
  )
}

export function ReasonBadge({ result }: { result: Result }) {
  const m = useMessages()
  return (
    <Badge variant="light" tt="none" color={colors[result.reason] ?? 'gray'}>
      {m.reasons[result.reason as keyof Messages['reasons']] ?? result.reason}
      {result.errorCode ? `: ${result.errorCode}` : ''}
    </Badge>
  )
}

/** What the application is given, as text. */
export function valueOf(result: Result, m: Messages): string {
  if (result.variant === null) {
    return m.evaluate.noValue
  }
  return typeof result.value === 'string' ? result.value : JSON.stringify(result.value)
}
