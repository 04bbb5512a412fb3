import { Switch, Tooltip } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'

type Props = {
  checked: boolean
  archived: boolean
  /** Whether the person may switch flags in this environment. */
  allowed: boolean
  /** The environment's name. */
  environment: string
  label: string
  size?: 'sm' | 'md'
  onChange: (enabled: boolean) => void
}

/** The switch of a flag in an environment. One that cannot be used says why, also to the keyboard. */
export function FlagSwitch({ checked, archived, allowed, environment, label, size = 'sm', onChange }: Props) {
  const m = useMessages()
  if (!archived && allowed) {
    return (
      <Switch
        size={size}
        color="teal.7"
        checked={checked}
        aria-label={label}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    )
  }
  return (
    <Tooltip label={archived ? m.flags.archivedCannotToggle : m.flags.mayNotToggle(environment)} refProp="rootRef">
      <Switch
        size={size}
        color="teal.7"
        checked={checked}
        readOnly
        aria-disabled
        aria-label={label}
        styles={{ track: { opacity: 0.55, cursor: 'not-allowed' } }}
        onClick={(event) => event.preventDefault()}
      />
    </Tooltip>
  )
}
