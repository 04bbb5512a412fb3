import { Group, PasswordInput, Progress, Stack, Text } from '@mantine/core'
import { IconCheck, IconCircle } from '@tabler/icons-react'
import { useId } from 'react'
import { useMessages } from '../i18n/messages'
import { passwordStrength } from './passwordStrength'

export type PasswordRules = { minimumLength: number; maximumLength: number; breachedList: boolean }

/** What holds as long as the server has not been asked. */
export const usualPasswordRules: PasswordRules = { minimumLength: 10, maximumLength: 200, breachedList: false }

/** Counted as the server counts: in UTF-16 units. */
export const isLongEnough = (password: string, rules: PasswordRules) =>
  password.length >= rules.minimumLength && password.length <= rules.maximumLength

type Props = {
  value: string
  onChange: (password: string) => void
  rules?: PasswordRules
  label?: string
  /** Name and address of the person, which make a password weak. */
  known?: string[]
  /** What the server said about it. */
  error?: string | null
  autoFocus?: boolean
}

const colors = ['red', 'red', 'orange', 'teal', 'teal']

/** A new password: the rules tick themselves off as one types, and a bar says how good it is. */
export function NewPassword({ value, onChange, rules = usualPasswordRules, label, known = [], error, autoFocus = false }: Props) {
  const m = useMessages()
  const id = useId()
  const strength = passwordStrength(value, known)
  const level = m.passwords.levels[strength] ?? ''
  const long = isLongEnough(value, rules)
  return (
    <Stack gap={6}>
      <PasswordInput
        label={label ?? m.auth.newPassword}
        name="new-password"
        autoComplete="new-password"
        required
        withAsterisk={false}
        maxLength={rules.maximumLength}
        value={value}
        error={error}
        autoFocus={autoFocus}
        data-autofocus={autoFocus || undefined}
        visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
        aria-describedby={id}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div id={id}>
        <Group gap="xs" wrap="nowrap" mih={20}>
          <Progress
            value={value === '' ? 0 : (strength + 1) * 20}
            color={colors[strength]}
            size={6}
            flex={1}
            aria-hidden
            transitionDuration={150}
          />
          <Text size="xs" c="dimmed" w={92} ta="right" aria-live="polite">
            {value === '' ? '' : level}
          </Text>
        </Group>
        <Rule met={long} text={m.passwords.length(rules.minimumLength)} />
        {rules.breachedList && <Text size="xs" c="dimmed">{m.passwords.notBreached}</Text>}
      </div>
    </Stack>
  )
}

function Rule({ met, text }: { met: boolean; text: string }) {
  const m = useMessages()
  const Icon = met ? IconCheck : IconCircle
  return (
    <Group gap={6} wrap="nowrap">
      <Icon size={14} aria-label={met ? m.passwords.met : m.passwords.unmet} color={met ? 'var(--mantine-color-teal-7)' : 'var(--mantine-color-dimmed)'} />
      <Text size="xs" c={met ? undefined : 'dimmed'}>
        {text}
      </Text>
    </Group>
  )
}
