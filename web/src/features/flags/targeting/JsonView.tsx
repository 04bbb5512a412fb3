import { Alert, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { TargetingProblem } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { fromConfigurationDraft, toConfigurationDraft, type ConfigurationDraft } from '@/shared/targeting/configuration'
import { parseConfiguration } from '@/shared/targeting/parse'
import { ProblemList } from '@/shared/targeting/ProblemList'

type Props = {
  draft: ConfigurationDraft
  onChange: (draft: ConfigurationDraft) => void
  onValid: (valid: boolean) => void
  problems: TargetingProblem[]
  readOnly: boolean
}

/** The draft as JSON. Valid text changes the draft at once; invalid text stays here and says what is wrong with it. */
export default function JsonView({ draft, onChange, onValid, problems, readOnly }: Props) {
  const m = useMessages()
  const rendered = JSON.stringify(fromConfigurationDraft(draft), null, 2)
  const [typed, setTyped] = useState<{ text: string; error: string | null } | null>(null)

  const edit = (text: string) => {
    try {
      const next = toConfigurationDraft(parseConfiguration(text))
      setTyped({ text, error: null })
      onValid(true)
      onChange(next)
    } catch (error) {
      setTyped({ text, error: error instanceof Error ? error.message : String(error) })
      onValid(false)
    }
  }

  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {m.targeting.jsonHint}
      </Text>
      {typed?.error && (
        <Alert color="red" role="status">
          {m.targeting.jsonInvalid(typed.error)}
        </Alert>
      )}
      <Textarea
        aria-label={m.targeting.jsonLabel}
        autosize
        minRows={16}
        maxRows={40}
        spellCheck={false}
        readOnly={readOnly}
        classNames={{ input: 'mono' }}
        value={typed?.text ?? rendered}
        error={Boolean(typed?.error)}
        onChange={(event) => edit(event.currentTarget.value)}
        onBlur={() => typed?.error === null && setTyped(null)}
      />
      <ProblemList problems={problems.map((problem) => ({ ...problem, message: `${problem.path}: ${problem.message}` }))} />
    </Stack>
  )
}
