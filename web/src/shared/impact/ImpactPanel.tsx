import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconInfoCircle, IconUsersGroup } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EnvironmentMark } from '../components/EnvironmentMark'
import { useLanguage } from '../i18n/messages'
import { useCan } from '../project/me'
import { useEnvironments, type Scope } from '../project/scope'
import classes from './Impact.module.css'
import { changesOf, percent, type FlagImpact, type Impact, type ImpactExample } from './impact'
import { useImpactTexts } from './texts/useImpactTexts'

type Props = {
  scope: Scope
  impact: Impact
  /** Whether the numbers are about an older draft. */
  old?: boolean
  /** Whether it is told as if the flag were on. */
  assumesOn?: boolean
  /** Whether several environments are shown, so each is named. */
  named?: boolean
}

/** Whom a change gives something else in one environment. */
export function ImpactPanel({ scope, impact, old = false, assumesOn = false, named = false }: Props) {
  const t = useImpactTexts()
  const { language } = useLanguage()
  const { environments } = useEnvironments()
  const [open, setOpen] = useState(false)
  const environment = environments.find(({ key }) => key === impact.environment)
  const name = environment?.name ?? impact.environment
  const number = (value: number) => new Intl.NumberFormat(language).format(value)
  const largest = Math.max(1, ...impact.flags.flatMap((flag) => changesOf(flag).map(({ contexts }) => contexts)))
  return (
    <section className={classes.panel} aria-label={named ? `${t.title}: ${name}` : t.title} aria-busy={old} data-old={old || undefined}>
      <Stack gap="xs">
        <Group gap="xs" justify="space-between">
          <Group gap={8}>
            <IconUsersGroup size={18} aria-hidden color="var(--mantine-primary-color-filled)" />
            <Text fw={650} size="sm">
              {t.title}
            </Text>
          </Group>
          {named && environment !== undefined && <EnvironmentMark environment={environment} />}
        </Group>
        {assumesOn && impact.status === 'ready' && (
          <Text size="sm" c="dimmed">
            {t.ifOn}
          </Text>
        )}
        {impact.status === 'ready' && impact.population !== null ? (
          <div aria-live="polite">
            <Text fw={600}>{impact.changed === 0 ? t.nobody(number(impact.contexts)) : t.some(number(impact.changed), number(impact.contexts))}</Text>
            <Text size="sm" c="dimmed">
              <Trust population={impact.population} />
            </Text>
          </div>
        ) : impact.status === 'empty' ? (
          <Text size="sm">{t.empty(name)}</Text>
        ) : (
          <TurnOn scope={scope} name={name} />
        )}
        {impact.status === 'ready' && impact.changed > 0 ? (
          impact.flags
            .filter(({ changed }) => changed > 0)
            .map((flag) => <Flows key={flag.flag} flag={flag} largest={largest} alone={impact.flags.length === 1} />)
        ) : impact.status !== 'ready' && impact.flags.length > 1 ? (
          <Text size="sm" c="dimmed">
            {t.affects(impact.flags.length)}: {impact.flags.map(({ flag }) => flag).join(', ')}
          </Text>
        ) : null}
        {impact.hasMoreFlags && (
          <Text size="sm" c="dimmed">
            {t.moreFlags}
          </Text>
        )}
        {impact.status === 'ready' && (impact.missingAttributes.length > 0 || impact.looksAtKeys) && (
          <Alert color="orange" variant="light" py="xs" icon={<IconInfoCircle size={17} />} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
            {impact.missingAttributes.length > 0 && <Text size="sm">{t.missing(impact.missingAttributes.join(', '))}</Text>}
            {impact.looksAtKeys && <Text size="sm">{t.keys}</Text>}
          </Alert>
        )}
        {impact.examples.length > 0 && (
          <div>
            <Button size="compact-sm" variant="subtle" px={0} aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? t.hideExamples : t.examples}
            </Button>
            {open && (
              // Scrolls where there are many, so the keyboard must reach it.
              <ul className={classes.examples} tabIndex={0} aria-label={t.examples}>
                {impact.examples.map((example, index) => (
                  <Example key={index} example={example} />
                ))}
              </ul>
            )}
          </div>
        )}
      </Stack>
    </section>
  )
}

function Trust({ population }: { population: NonNullable<Impact['population']> }) {
  const t = useImpactTexts()
  const { language } = useLanguage()
  const minutes = Math.max(1, Math.round((Date.parse(population.to) - Date.parse(population.from)) / 60_000))
  const [share, low, high] = [population.share, population.low, population.high].map((value) => percent(value, language)) as [string, string, string]
  return population.isComplete ? t.exact(share, t.span(minutes)) : t.estimate(share, low, high, new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(population.people), t.span(minutes))
}

function TurnOn({ scope, name }: { scope: Scope; name: string }) {
  const t = useImpactTexts()
  const canManage = useCan('project.manage', scope)
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" c="dimmed" style={{ flex: '1 1 260px' }}>
        {t.off(name)}
      </Text>
      {canManage && (
        <Button size="compact-sm" variant="default" renderRoot={(props) => <Link {...props} to="/p/$org/$project/environments" params={scope as never} />}>
          {t.turnOn}
        </Button>
      )}
    </Group>
  )
}

function Flows({ flag, largest, alone }: { flag: FlagImpact; largest: number; alone: boolean }) {
  const t = useImpactTexts()
  const { language } = useLanguage()
  return (
    <div>
      {!alone && (
        <Group gap={6} mb={4}>
          <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
            {flag.flag}
          </Text>
          {!flag.isDirect && (
            <Badge size="sm" variant="light" color="gray" tt="none">
              {t.via}
            </Badge>
          )}
        </Group>
      )}
      <ul className={classes.flows}>
        {changesOf(flag).map(({ from, to, contexts }) => (
          <li key={`${from}→${to}`} className={classes.flow} aria-label={t.flow(from ?? t.none, to ?? t.none, contexts)}>
            <span className={classes.names} aria-hidden>
              <Name of={from} /> → <Name of={to} />
            </span>
            <div className={classes.bar} aria-hidden>
              <div style={{ width: `${Math.max(2, (contexts / largest) * 100)}%` }} />
            </div>
            <span className={classes.count} aria-hidden>
              {new Intl.NumberFormat(language).format(contexts)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Name({ of }: { of: string | null }) {
  const t = useImpactTexts()
  return of === null ? <i>{t.none}</i> : <span className="mono">{of}</span>
}

function Example({ example }: { example: ImpactExample }) {
  const t = useImpactTexts()
  const { targetingKey, ...attributes } = example.context as Record<string, unknown>
  return (
    <li>
      <div className={classes.attributes}>
        <span className="mono" title={typeof targetingKey === 'string' ? targetingKey : undefined}>
          {typeof targetingKey === 'string' ? `#${targetingKey.slice(0, 6)}` : t.somebody}
        </span>
        {Object.entries(attributes).map(([name, value]) => (
          <span key={name}>
            <Text span size="xs" c="dimmed">
              {name}
            </Text>{' '}
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </span>
        ))}
      </div>
      {example.changes.map(({ flag, from, to }) => (
        <Text key={flag} size="sm">
          <span className="mono">{flag}</span>: <Name of={from} /> → <Name of={to} />
        </Text>
      ))}
    </li>
  )
}
