import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { TargetingProblem } from '@/shared/api/types'
import CodeEditor, { type CodeProblem } from '@/shared/components/CodeEditor'
import { useMessages } from '@/shared/i18n/messages'
import { fromConfigurationDraft, toConfigurationDraft, type ConfigurationDraft } from '@/shared/targeting/configuration'
import { parseConfiguration, ShapeError } from '@/shared/targeting/parse'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { problemText } from '@/shared/targeting/problemText'
import { useAnalysisTexts } from '@/shared/targeting/texts/useAnalysisTexts'
import { normalisePath } from '@/shared/targeting/problems'

type Props = {
  draft: ConfigurationDraft
  onChange: (draft: ConfigurationDraft) => void
  onValid: (valid: boolean) => void
  problems: TargetingProblem[]
  readOnly: boolean
}

type Typed = { text: string; means: ConfigurationDraft | null; error: { path: string | null; message: string } | null }

/** The draft as JSON. Valid text changes the draft at once; invalid text stays here and says what is wrong, where it is. */
export default function JsonView({ draft, onChange, onValid, problems, readOnly }: Props) {
  const m = useMessages()
  const texts = useAnalysisTexts()
  const [typed, setTyped] = useState<Typed | null>(null)
  // What was typed is shown as it was typed, for as long as it still says what the draft is.
  const text = useMemo(
    () =>
      typed !== null && (typed.error !== null || typed.means === draft) ? typed.text : JSON.stringify(fromConfigurationDraft(draft), null, 2),
    [typed, draft],
  )
  const error = typed?.error ?? null
  const shown = useMemo(
    (): CodeProblem[] =>
      error !== null
        ? [{ ...error, severity: 'error' }]
        : problems.map((problem) => ({ path: normalisePath(problem.path), severity: problem.severity, message: problemText(problem, texts) })),
    [error, problems, texts],
  )

  const edit = (source: string) => {
    try {
      const means = toConfigurationDraft(parseConfiguration(source))
      setTyped({ text: source, means, error: null })
      onValid(true)
      onChange(means)
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem)
      setTyped({ text: source, means: null, error: { path: problem instanceof ShapeError ? problem.path : null, message } })
      onValid(false)
    }
  }
  const reset = () => {
    setTyped(null)
    onValid(true)
  }

  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-end">
        <Text size="sm" c="dimmed" flex={1} miw={220}>
          {m.targeting.jsonHint}
        </Text>
        {!readOnly && (
          <Button variant="default" size="compact-sm" disabled={error !== null} onClick={() => edit(JSON.stringify(JSON.parse(text), null, 2))}>
            {m.variants.format}
          </Button>
        )}
      </Group>
      <CodeEditor value={text} onChange={edit} label={m.targeting.jsonLabel} problems={shown} readOnly={readOnly} minHeight={360} />
      {error !== null && (
        <Alert color="red" role="status" p="xs">
          <Group justify="space-between">
            <Text size="sm" flex={1} style={{ overflowWrap: 'anywhere' }}>
              {m.targeting.jsonInvalid(error.message)}
            </Text>
            <Button variant="default" size="compact-sm" onClick={reset}>
              {m.targeting.jsonReset}
            </Button>
          </Group>
        </Alert>
      )}
      <ProblemList problems={problems} withPath />
    </Stack>
  )
}
