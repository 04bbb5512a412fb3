import { useSortable } from '@dnd-kit/sortable'
import { CSS } from '@dnd-kit/utilities'
import { ActionIcon, Badge, Button, Group, Menu, Paper, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconCopy, IconDots, IconGripVertical, IconPencil, IconTrash } from '@tabler/icons-react'
import type { FlagView, Rule, TargetingProblem } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { ConditionEditor } from '@/shared/targeting/ConditionEditor'
import type { RuleDraft } from '@/shared/targeting/configuration'
import { ruleTitle } from '@/shared/targeting/diff'
import { toCondition } from '@/shared/targeting/draft'
import { PartOutcome, useOutcome } from '@/shared/targeting/outcomes'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { same } from '@/shared/targeting/same'
import { Sentence, ServeSentence } from '@/shared/targeting/SentenceView'
import { ExperimentChip } from '@/shared/flags/ExperimentChip'
import { RampLink } from '../ramps/RampLink'
import { ServeEditor } from '@/shared/targeting/ServeEditor'
import classes from './ConfigurationForm.module.css'

type Props = {
  flag: FlagView
  rule: RuleDraft
  index: number
  count: number
  before: Rule | undefined
  open: boolean
  onOpen: (open: boolean) => void
  onChange: (rule: RuleDraft) => void
  onRemove: () => void
  onDuplicate: () => void
  onMove: (by: -1 | 1) => void
  problems: TargetingProblem[]
  problemsByNode: Map<string, TargetingProblem[]>
  readOnly: boolean
}

/** A rule as a sentence; opened, as an editor. */
export function RuleCard(props: Props) {
  const { flag, rule, index, count, before, open, onOpen, onChange, problems, readOnly } = props
  const m = useMessages()
  const sortable = useSortable({ id: rule.id, disabled: readOnly })
  const condition = toCondition(rule.root)
  const title = ruleTitle(rule, index, m)
  // The rule of an experiment that runs is put there and taken away by the experiment; here it can be moved only.
  const experiment = 'experiment' in rule.then ? rule.then.experiment : undefined
  const isFixed = readOnly || experiment !== undefined
  const changed =
    before === undefined ||
    (before.name ?? '') !== rule.name.trim() ||
    !same(before.if, condition) ||
    !same(before.then, rule.then)
  // What the editor shows beside single conditions is not repeated below the card.
  const shownInside = new Set(open ? [...props.problemsByNode].flatMap(([id, list]) => (id === rule.root.id ? [] : list)) : [])

  return (
    <Paper
      ref={sortable.setNodeRef}
      component="li"
      className={classes.card}
      data-changed={changed || undefined}
      data-outcome={useOutcome(`/rules/${index}`)}
      aria-label={title}
      style={{
        transform: CSS.Translate.toString(sortable.transform),
        transition: sortable.transition,
        zIndex: sortable.isDragging ? 3 : undefined,
        position: 'relative',
        boxShadow: sortable.isDragging ? 'var(--mantine-shadow-md)' : undefined,
      }}
    >
      <div className={classes.rule}>
        {!readOnly && (
          <button type="button" className={classes.handle} {...sortable.attributes} {...sortable.listeners} aria-label={m.targeting.moveRule(title)}>
            <IconGripVertical size={17} aria-hidden />
          </button>
        )}
        <div className={classes.body}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Group gap={8} miw={0}>
              <span className={classes.number} aria-hidden>
                {index + 1}
              </span>
              <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {rule.name || m.targeting.rule(index + 1)}
              </Text>
              {changed && (
                <Badge size="xs" variant="light">
                  {before === undefined ? m.changeKinds.added : m.targeting.unsaved}
                </Badge>
              )}
              {experiment !== undefined && <ExperimentChip experiment={experiment} />}
              <PartOutcome path={`/rules/${index}`} />
              {problems.length > 0 && (
                <Badge size="xs" variant="light" color={problems.some(({ severity }) => severity === 'error') ? 'red' : problems.some(({ severity }) => severity === 'warning') ? 'orange' : 'blue'}>
                  {m.targeting.problems(problems.length)}
                </Badge>
              )}
            </Group>
            {!readOnly && (
              <Group gap={2} wrap="nowrap">
                {!open && !isFixed && (
                  <ActionIcon variant="subtle" color="gray" aria-label={m.targeting.editRule(title)} onClick={() => onOpen(true)}>
                    <IconPencil size={16} />
                  </ActionIcon>
                )}
                <RuleMenu {...props} index={index} count={count} isFixed={isFixed} />
              </Group>
            )}
          </Group>
          {open && !isFixed ? (
            <Stack gap="md" className={classes.editing}>
              <TextInput
                label={m.targeting.ruleName}
                maw={420}
                value={rule.name}
                maxLength={100}
                data-autofocus
                onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
              />
              <div>
                <Text className={classes.keyword} mb={6}>
                  {m.targeting.if}
                </Text>
                <ConditionEditor root={rule.root} onChange={(root) => onChange({ ...rule, root })} problems={props.problemsByNode} />
              </div>
              <div>
                <Text className={classes.keyword} mb={6}>
                  {m.targeting.then}
                </Text>
                <ServeEditor serve={rule.then} variants={flag.variants} onChange={(then) => onChange({ ...rule, then })} />
                {before !== undefined && same(before.then, rule.then) && <RampLink rule={rule.id} />}
              </div>
              <Button variant="default" size="xs" style={{ alignSelf: 'flex-start' }} onClick={() => onOpen(false)}>
                {m.targeting.closeRule}
              </Button>
            </Stack>
          ) : (
            <UnstyledButton
              className={classes.lines}
              onClick={() => onOpen(true)}
              disabled={isFixed}
              tabIndex={-1}
              style={{ cursor: isFixed ? 'default' : undefined }}
            >
              <span className={classes.keyword}>{m.targeting.if}</span>
              <Sentence condition={condition} path={`/rules/${index}/if`} />
              <span className={classes.keyword}>{m.targeting.then}</span>
              <ServeSentence serve={rule.then} variants={flag.variants} />
            </UnstyledButton>
          )}
          <ProblemList problems={problems.filter((problem) => !shownInside.has(problem))} />
        </div>
      </div>
    </Paper>
  )
}

function RuleMenu({ index, count, isFixed, onDuplicate, onMove, onRemove }: Pick<Props, 'index' | 'count' | 'onDuplicate' | 'onMove' | 'onRemove'> & { isFixed: boolean }) {
  const m = useMessages()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${m.targeting.rule(index + 1)}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconArrowUp size={15} />} disabled={index === 0} onClick={() => onMove(-1)}>
          {m.targeting.moveUp}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowDown size={15} />} disabled={index === count - 1} onClick={() => onMove(1)}>
          {m.targeting.moveDown}
        </Menu.Item>
        {!isFixed && (
          <>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={onDuplicate}>
              {m.targeting.duplicateRule}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={onRemove}>
              {m.targeting.removeRule}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
