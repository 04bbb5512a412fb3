import { Anchor, Stack, TextInput } from '@mantine/core'
import { useMessages } from '../i18n/messages'

export type Code = { kind: 'app' | 'recovery'; value: string }

export const emptyCode: Code = { kind: 'app', value: '' }

/** Whether enough was typed to send it. */
export const isCodeComplete = ({ kind, value }: Code) =>
  kind === 'app' ? /^\d{6}$/.test(value) : value.replace(/[\s-]/g, '').length >= 8

type Props = {
  code: Code
  onChange: (code: Code) => void
  error?: string | null
  /** Called as soon as the sixth digit is there, as typed, pasted or filled in. */
  onComplete?: (code: Code) => void
  autoFocus?: boolean
  /** Whether a recovery code may stand in. */
  recovery?: boolean
}

/** A code of the authenticator app, or a recovery code in its place. */
export function CodeInput({ code, onChange, error, onComplete, autoFocus = false, recovery = true }: Props) {
  const m = useMessages()
  const app = code.kind === 'app'
  return (
    <Stack gap={6}>
      <TextInput
        key={code.kind}
        name={app ? 'code' : 'recovery-code'}
        label={app ? m.twoFactor.code : m.twoFactor.recoveryCode}
        description={app ? m.twoFactor.codeHint : m.twoFactor.recoveryHint}
        autoComplete={app ? 'one-time-code' : 'off'}
        inputMode={app ? 'numeric' : 'text'}
        placeholder={app ? '000000' : 'xxxx-xxxx-xxxx-xxxx'}
        maxLength={app ? 12 : 40}
        spellCheck={false}
        autoCapitalize="none"
        autoCorrect="off"
        size="md"
        value={code.value}
        error={error}
        autoFocus={autoFocus}
        data-autofocus={autoFocus || undefined}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: app ? 22 : 16, letterSpacing: app ? '0.28em' : undefined } }}
        onChange={(event) => {
          const typed = event.currentTarget.value
          // Apps show the digits in two groups, and they are pasted like that.
          const value = app ? typed.replace(/\D/g, '').slice(0, 6) : typed.trim()
          const next = { ...code, value }
          onChange(next)
          if (app && value.length === 6 && value !== code.value) {
            onComplete?.(next)
          }
        }}
      />
      {recovery && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onChange({ kind: app ? 'recovery' : 'app', value: '' })}
        >
          {app ? m.twoFactor.useRecovery : m.twoFactor.useApp}
        </Anchor>
      )}
    </Stack>
  )
}
