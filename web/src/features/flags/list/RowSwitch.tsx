import { IconSkull } from '@tabler/icons-react'
import type { FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import classes from './RowSwitch.module.css'

type Props = {
  flag: FlagItem
  environment: { key: string; name: string; critical: boolean }
  allowed: boolean
  onToggle: (enabled: boolean) => void
}

/** The switch of a flag in an environment: a plain button, because a screen of the list has a hundred of them. One that cannot be used says why. */
export function RowSwitch({ flag, environment, allowed, onToggle }: Props) {
  const m = useMessages()
  const state = flag.environments[environment.key]
  if (state === undefined) {
    return null
  }
  const refusal = state.killed
    ? `${m.flags.killedCannotToggle} ${state.killReason ?? ''}`
    : flag.archivedAt !== null
      ? m.flags.archivedCannotToggle
      : allowed
        ? undefined
        : m.flags.mayNotToggle(environment.name)
  const on = state.enabled && !state.killed
  return (
    <button
      type="button"
      role="switch"
      className={classes.switch}
      aria-checked={on}
      aria-disabled={refusal !== undefined || undefined}
      aria-label={m.flags.toggleLabel(flag.key, environment.name)}
      data-hint={refusal}
      data-killed={state.killed || undefined}
      data-partial={(on && state.rollout !== null) || undefined}
      onClick={() => refusal === undefined && onToggle(!state.enabled)}
    >
      <span className={classes.thumb}>{state.killed && <IconSkull size={11} aria-hidden />}</span>
    </button>
  )
}
