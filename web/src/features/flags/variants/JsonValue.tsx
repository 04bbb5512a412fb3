import { Button, Group, Text } from '@mantine/core'
import { useMemo } from 'react'
import type { ProblemDetail } from '@/shared/api/problem'
import CodeEditor, { type CodeProblem } from '@/shared/components/CodeEditor'
import { useMessages } from '@/shared/i18n/messages'
import { useValueFaults } from './schema/useSchema'
import { valueError } from './variantDrafts'

type Props = {
  label: string
  text: string
  onChange: (text: string) => void
  readOnly: boolean
  /** What the server said about this value, by `/variants/0/value/…`. */
  refused: ProblemDetail[]
  /** The schema as it stands in its editor; empty: none. */
  schema: string
}

/** The value of a JSON variant: what is wrong with it is shown in its text and below it. */
export default function JsonValue({ label, text, onChange, readOnly, refused, schema }: Props) {
  const m = useMessages()
  const error = valueError('json', text, m)
  const faults = useValueFaults(schema, text)
  // What the schema says is known here as it is typed; the rest the server said when it was asked to save.
  const findings = JSON.stringify(faults === null ? refused : refused.filter(({ code }) => code !== 'schema_mismatch'))
  const problems = useMemo(
    (): CodeProblem[] =>
      error !== null
        ? [{ path: null, severity: 'error', message: error }]
        : (faults ?? []).concat((JSON.parse(findings) as ProblemDetail[]).map(({ path, message }) => ({
            path: path.replace(/^\/variants\/\d+\/value/, ''),
            severity: 'error',
            message,
          }))),
    [error, faults, findings],
  )
  const format = () => onChange(JSON.stringify(JSON.parse(text), null, 2))
  return (
    <>
      <CodeEditor label={label} value={text} onChange={onChange} problems={problems} readOnly={readOnly} minHeight={64} maxHeight={360} />
      <Group justify="space-between" gap="xs" mt={2} align="flex-start">
        <div style={{ flex: 1, minWidth: 0 }}>
          {problems.map(({ path, message }, index) => (
            <Text key={index} size="xs" c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
              {path ? `${path}: ` : ''}
              {message}
            </Text>
          ))}
        </div>
        {!readOnly && (
          <Button variant="subtle" size="compact-xs" disabled={error !== null} onClick={format}>
            {m.variants.format}
          </Button>
        )}
      </Group>
    </>
  )
}
