import { Button, Group, NativeSelect, Paper, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { Configuration, FlagView, TargetingProblem } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { newRule, type ConfigurationDraft } from '@/shared/targeting/configuration'
import { PartOutcome, useOutcome } from '@/shared/targeting/outcomes'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { problemsAt } from '@/shared/targeting/problems'
import { same } from '@/shared/targeting/same'
import { ServeSentence } from '@/shared/targeting/SentenceView'
import { ServeEditor } from '@/shared/targeting/ServeEditor'
import { Individuals } from './Individuals'
import { RampLink } from '../ramps/RampLink'
import { Prerequisites } from './Prerequisites'
import { RuleList } from './RuleList'
import classes from './ConfigurationForm.module.css'

type Props = {
  scope: Scope
  flag: FlagView
  environment: string
  base: Configuration
  draft: ConfigurationDraft
  onChange: (draft: ConfigurationDraft) => void
  problems: TargetingProblem[]
  problemsByNode: Map<string, TargetingProblem[]>
  readOnly: boolean
}

/** The configuration as it is decided: prerequisites, individuals, rules, everybody else, off. */
export function ConfigurationForm(props: Props) {
  const { scope, flag, environment, base, draft, onChange, problems, problemsByNode, readOnly } = props
  const m = useMessages()
  const [open, setOpen] = useState<string | null>(null)
  const firstVariant = flag.variants[0]?.key ?? ''
  // Errors about the whole configuration have no place of their own.
  const general = problems.filter(({ path }) => !/^\/(rules|targets|prerequisites|default|offVariant)/.test(path))

  const addRule = () => {
    const rule = newRule({ variant: flag.defaultVariant || firstVariant })
    onChange({ ...draft, rules: [...draft.rules, rule] })
    setOpen(rule.id)
  }

  return (
    <Stack gap="lg">
      <ProblemList problems={general} />
      <Prerequisites
        scope={scope}
        flagKey={flag.key}
        environment={environment}
        prerequisites={draft.prerequisites}
        onChange={(prerequisites) => onChange({ ...draft, prerequisites })}
        problems={problemsAt(problems, '/prerequisites')}
        readOnly={readOnly}
      />
      <Individuals
        variants={flag.variants}
        targets={draft.targets}
        onChange={(targets) => onChange({ ...draft, targets })}
        problems={problemsAt(problems, '/targets')}
        readOnly={readOnly}
      />
      <section aria-label={m.targeting.title}>
        <Group gap="xs" align="baseline" mb="xs">
          <Title order={2} size="h5">
            {m.targeting.title}
          </Title>
          <Text size="xs" c="dimmed">
            {m.targeting.rulesHint}
          </Text>
        </Group>
        {draft.rules.length === 0 && (
          <Text size="sm" c="dimmed" mb="xs">
            {m.targeting.noRules}
          </Text>
        )}
        <RuleList
          flag={flag}
          base={base}
          rules={draft.rules}
          open={open}
          onOpen={setOpen}
          onChange={(rules) => onChange({ ...draft, rules })}
          problems={problems}
          problemsByNode={problemsByNode}
          readOnly={readOnly}
        />
        {!readOnly && (
          <Button mt="xs" variant="light" leftSection={<IconPlus size={16} aria-hidden />} onClick={addRule}>
            {m.targeting.addRule}
          </Button>
        )}
      </section>
      <Paper className={classes.card} data-changed={!same(base.default, draft.default) || undefined} data-outcome={useOutcome('/default')} component="section" aria-label={m.targeting.defaultRule}>
        <Group gap="xs" mb="xs">
          <Title order={2} size="h5">
            {m.targeting.defaultRule}
          </Title>
          <PartOutcome path="/default" />
        </Group>
        {readOnly ? (
          <ServeSentence serve={draft.default} variants={flag.variants} />
        ) : (
          <ServeEditor
            serve={draft.default}
            variants={flag.variants}
            label={m.targeting.defaultRule}
            onChange={(next) => onChange({ ...draft, default: next })}
          />
        )}
        {!readOnly && same(base.default, draft.default) && <RampLink rule={null} />}
        <ProblemList problems={problemsAt(problems, '/default')} />
      </Paper>
      <Paper className={classes.card} data-changed={base.offVariant !== draft.offVariant || undefined} component="section" aria-label={m.targeting.offVariant}>
        <Title order={2} size="h5" mb="xs">
          {m.targeting.offVariant}
        </Title>
        <NativeSelect
          aria-label={m.targeting.offVariant}
          maw={320}
          disabled={readOnly}
          value={draft.offVariant ?? ''}
          onChange={(event) => onChange({ ...draft, offVariant: event.currentTarget.value || null })}
          data={[{ value: '', label: m.targeting.offAsFlagIs(flag.offVariant ?? m.flags.callersDefault) }, ...flag.variants.map(({ key }) => key)]}
        />
        <ProblemList problems={problemsAt(problems, '/offVariant')} />
      </Paper>
    </Stack>
  )
}
