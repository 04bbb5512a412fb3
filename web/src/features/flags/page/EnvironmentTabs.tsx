import { Group, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconCalendarClock, IconGitPullRequest, IconSkull } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { flagRequestsQuery } from '@/shared/changes/changeRequests'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { hasDraft, subscribeToDrafts } from '@/shared/drafts/storedDraft'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { may, meQuery } from '@/shared/project/me'
import { environmentColor, type Scope } from '@/shared/project/scope'
import { scheduledQuery } from '@/shared/schedules/api'
import { relativeTime } from '@/shared/components/RelativeTime'
import { FlagSwitch } from '../FlagSwitch'
import { draftPlace } from '../targeting/draftPlace'
import { servesText, useToggleWithConfirmation } from '../useToggleWithConfirmation'
import classes from './EnvironmentTabs.module.css'

type Props = {
  scope: Scope
  flag: FlagView
  environments: EnvironmentView[]
  current: EnvironmentView | undefined
  onChoose: (key: string) => void
}

/** The environments side by side: state and switch of each at a glance; the chosen one is edited below. */
export function EnvironmentTabs({ scope, flag, environments, current, onChoose }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const { data: me } = useQuery(meQuery)
  const toggle = useToggleWithConfirmation(scope)
  const { data: requests = [] } = useQuery(flagRequestsQuery(scope, flag.key))
  const waitingIn = (environment: string) =>
    requests.filter(({ state, touches }) => state !== 'draft' && touches.includes(`flags/${flag.key}/environments/${environment}`)).length
  return (
    <div className={classes.tabs} role="group" aria-label={m.app.environments}>
      {environments.map((environment) => {
        const state = flag.environments[environment.key]
        const selected = environment.key === current?.key
        const isOn = state !== undefined && state.enabled && !state.killed && flag.archivedAt === null
        return (
          <div
            key={environment.key}
            className={classes.tab}
            data-selected={selected || undefined}
            data-critical={environment.critical || undefined}
            data-killed={state?.killed || undefined}
            style={{ '--environment-color': environmentColor(environment) } as React.CSSProperties}
          >
            <UnstyledButton className={classes.choose} aria-pressed={selected} onClick={() => onChoose(environment.key)}>
              <EnvironmentMark environment={environment} />
              {state && (
                <>
                  {isOn && state.algorithm?.rule === null ? (
                    <Text size="sm" className="mono" lineClamp={2} mt={6} title={state.serves}>
                      {m.flags.bandit(sharesText(state.algorithm, language))}
                    </Text>
                  ) : (
                    <Text size="sm" className="mono" truncate mt={6} title={state.serves}>
                      {m.flags.serves(servesText(flag, environment.key, isOn, m))}
                    </Text>
                  )}
                  <Text size="xs" c="dimmed">
                    {state.ruleCount > 0 ? m.flags.rules(state.ruleCount) : '\u00a0'}
                    {isOn && state.algorithm != null && state.algorithm.rule !== null && ` · ${m.flags.banditAtRule}`}
                    <Scheduled scope={scope} flag={flag.key} environment={environment.key} />
                    {waitingIn(environment.key) > 0 && (
                      <Text span size="xs" c="blue">
                        {' '}
                        <IconGitPullRequest size={12} aria-hidden /> {m.changes.waiting(waitingIn(environment.key))}
                      </Text>
                    )}
                    <Unsaved place={draftPlace(scope.org, scope.project, flag.key, environment.key)} />
                  </Text>
                </>
              )}
            </UnstyledButton>
            {state && (
              <Group className={classes.switch}>
                {state.killed ? (
                  <Tooltip label={m.flags.killedCannotToggle}>
                    <IconSkull size={22} color="var(--mantine-color-red-6)" aria-label={m.flag.killedIn(environment.name)} />
                  </Tooltip>
                ) : (
                  <FlagSwitch
                    size="md"
                    checked={state.enabled}
                    archived={flag.archivedAt !== null}
                    allowed={may(me, 'flag.toggle', { ...scope, environment: environment.key })}
                    environment={environment.name}
                    label={m.flags.toggleLabel(flag.key, environment.name)}
                    onChange={(enabled) => void toggle(flag, environment, enabled)}
                  />
                )}
              </Group>
            )}
          </div>
        )
      })}
    </div>
  )
}

/** The variant that a bandit gives the most to; null where that depends on who is asking. */
function sharesText({ shares }: NonNullable<FlagView['environments'][string]['algorithm']>, language: string): string | null {
  const top = shares?.[0]
  return top === undefined ? null : `${new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(top.weight)} ${top.variant}`
}

/** Says that there are changes that somebody began here and has not saved. */
function Unsaved({ place }: { place: string }) {
  const m = useMessages()
  const unsaved = useSyncExternalStore(subscribeToDrafts, () => hasDraft(place))
  return unsaved ? <span className={classes.unsaved}>{m.save.unsaved}</span> : null
}

/** Says that something changes here by itself, and when. */
function Scheduled({ scope, flag, environment }: { scope: Scope; flag: string; environment: string }) {
  const m = useMessages()
  const { language } = useLanguage()
  const { data } = useQuery({ ...scheduledQuery(scope), select: (items) => items.find((item) => item.flag === flag && item.environment === environment) })
  if (data === undefined) {
    return null
  }
  const when = data.nextAt === null ? null : (relativeTime(data.nextAt, Date.now(), language) ?? m.common.justNow)
  return (
    <Tooltip label={[data.isOpen ? m.schedules.badgeOpen : null, when === null ? null : m.schedules.badgeHint(when)].filter(Boolean).join('. ')}>
      <span className={classes.scheduled}>
        <IconCalendarClock size={13} aria-hidden /> {m.schedules.badge}
      </span>
    </Tooltip>
  )
}
