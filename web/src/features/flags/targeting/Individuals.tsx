import { ActionIcon, Button, Group, Menu, Paper, Text, Title } from '@mantine/core'
import { IconPlus, IconUserPlus, IconX } from '@tabler/icons-react'
import type { Target, TargetingProblem, Variant } from '@/shared/api/types'
import { variantColor } from '@/shared/components/variantColor'
import { useMessages } from '@/shared/i18n/messages'
import { PartOutcome } from '@/shared/targeting/outcomes'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { ListEditor } from '@/shared/targeting/ValueEditor'
import classes from './ConfigurationForm.module.css'

type Props = {
  variants: Variant[]
  targets: Target[]
  onChange: (targets: Target[]) => void
  problems: TargetingProblem[]
  readOnly: boolean
}

/** Targeting keys that get a variant before any rule is asked. */
export function Individuals({ variants, targets, onChange, problems, readOnly }: Props) {
  const m = useMessages()
  const unused = variants.filter(({ key }) => !targets.some(({ variant }) => variant === key))
  const add = (variant: string) => onChange([...targets, { variant, keys: [] }])
  const adder = (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" style={{ alignSelf: 'flex-start' }} leftSection={targets.length === 0 ? <IconUserPlus size={15} aria-hidden /> : <IconPlus size={15} aria-hidden />}>
          {m.targeting.addIndividuals}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {unused.map(({ key }) => (
          <Menu.Item key={key} className="mono" onClick={() => add(key)}>
            {key}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  if (targets.length === 0) {
    return readOnly ? null : adder
  }
  return (
    <Paper className={classes.card} component="section" aria-label={m.targeting.individuals}>
      <Group gap="xs" align="baseline" mb="sm">
        <Title order={2} size="h5">
          {m.targeting.individuals}
        </Title>
        <Text size="xs" c="dimmed">
          {m.targeting.individualsHint}
        </Text>
        <PartOutcome path="/targets" failed={m.test.notIn} />
      </Group>
      <div className={classes.chips}>
        {targets.map((target, index) => (
          <TargetLine
            key={target.variant}
            target={target}
            color={variantColor(variants.findIndex(({ key }) => key === target.variant))}
            readOnly={readOnly}
            onChange={(keys) => onChange(targets.map((item, at) => (at === index ? { ...item, keys } : item)))}
            onRemove={() => onChange(targets.filter((_, at) => at !== index))}
          />
        ))}
      </div>
      {!readOnly && unused.length > 0 && adder}
      <ProblemList problems={problems} />
    </Paper>
  )
}

type LineProps = { target: Target; color: string; readOnly: boolean; onChange: (keys: string[]) => void; onRemove: () => void }

function TargetLine({ target, color, readOnly, onChange, onRemove }: LineProps) {
  const m = useMessages()
  return (
    <>
      <Group gap={8} wrap="nowrap" pt={8} miw={0}>
        <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: color, flex: 'none' }} />
        <Text size="sm" className="mono" truncate>
          {target.variant}
        </Text>
      </Group>
      <div style={{ minWidth: 0 }}>
        {readOnly ? (
          <Text size="sm" className="mono" pt={8} style={{ overflowWrap: 'anywhere' }}>
            {target.keys.slice(0, 50).join(', ')}
          </Text>
        ) : (
          <ListEditor
            list={target.keys}
            type="string"
            suggestions={[]}
            label={m.targeting.targetsOf(target.variant)}
            placeholder={m.targeting.individualsPlaceholder}
            onChange={(keys) => onChange(keys.map(String))}
          />
        )}
      </div>
      {readOnly ? (
        <span />
      ) : (
        <ActionIcon variant="subtle" color="gray" mt={4} aria-label={`${m.common.remove}: ${m.targeting.targetsOf(target.variant)}`} onClick={onRemove}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </>
  )
}
