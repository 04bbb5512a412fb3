import { ActionIcon, Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconBraces, IconFilter, IconPercentage, IconUsersGroup, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { TargetingProblem } from '../api/types'
import { useMessages } from '../i18n/messages'
import { ClauseEditor } from './ClauseEditor'
import classes from './ConditionEditor.module.css'
import { changeNode, newClause, newGroup, newPercentage, newSegment, type GroupNode, type Node } from './draft'
import { NodeOutcome } from './outcomes'
import { PercentageEditor, SegmentEditor } from './LeafEditors'
import { ProblemList } from './ProblemList'

type Props = {
  root: GroupNode
  onChange: (root: GroupNode) => void
  /** What the server said about single conditions, by the id of their node. */
  problems?: Map<string, TargetingProblem[]>
}

const noProblems = new Map<string, TargetingProblem[]>()

/** Edits a condition: nested groups of clauses, segments and percentages. Used by flags and segments alike. */
export function ConditionEditor({ root, onChange, problems = noProblems }: Props) {
  const change = (id: string, edit: (node: Node) => Node | null) => onChange(changeNode(root, id, edit))
  return <GroupEditor group={root} depth={0} onChange={change} problems={problems} />
}

type Change = (id: string, edit: (node: Node) => Node | null) => void
type GroupProps = { group: GroupNode; depth: number; onChange: Change; problems: Map<string, TargetingProblem[]> }

function GroupEditor({ group, depth, onChange, problems }: GroupProps) {
  const m = useMessages()
  const edit = (part: Partial<GroupNode>) => onChange(group.id, (node) => ({ ...(node as GroupNode), ...part }))
  const add = (node: Node) =>
    onChange(group.id, (old) => ({ ...(old as GroupNode), items: [...(old as GroupNode).items, node] }))

  return (
    <div className={depth === 0 ? undefined : classes.group} role="group" aria-label={m.targeting.match}>
      {(depth > 0 || group.items.length > 1 || group.negated) && (
        <Group gap="xs" mb="xs" wrap="nowrap">
          <NodeOutcome node={group.id} />
          <NegateButton node={group} onChange={onChange} />
          <Text size="sm" c="dimmed">
            {m.targeting.match}
          </Text>
          <SegmentedControl
            size="xs"
            aria-label={m.targeting.match}
            value={group.op}
            onChange={(op) => edit({ op: op as 'and' | 'or' })}
            data={[
              { value: 'and', label: m.targeting.all },
              { value: 'or', label: m.targeting.any },
            ]}
          />
          {depth > 0 && (
            <ActionIcon
              ml="auto"
              variant="subtle"
              color="gray"
              aria-label={m.targeting.removeGroup}
              onClick={() => onChange(group.id, () => null)}
            >
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      )}
      <Stack gap={8}>
        {group.items.map((item, index) => (
          <div key={item.id} className={classes.item}>
            <span className={classes.joiner}>
              {index === 0 ? (group.items.length > 1 ? '' : null) : group.op === 'and' ? m.targeting.and : m.targeting.or}
            </span>
            <div className={classes.content}>
              {item.kind === 'group' ? (
                <GroupEditor group={item} depth={depth + 1} onChange={onChange} problems={problems} />
              ) : (
                <Leaf node={item} onChange={onChange}>
                  {item.kind === 'clause' ? (
                    <ClauseEditor node={item} onChange={(part) => onChange(item.id, (node) => ({ ...node, ...part }) as Node)} />
                  ) : item.kind === 'segment' ? (
                    <SegmentEditor node={item} onChange={(part) => onChange(item.id, (node) => ({ ...node, ...part }) as Node)} />
                  ) : (
                    <PercentageEditor node={item} onChange={(part) => onChange(item.id, (node) => ({ ...node, ...part }) as Node)} />
                  )}
                </Leaf>
              )}
              <ProblemList problems={problems.get(item.id) ?? []} />
            </div>
          </div>
        ))}
        {group.items.length === 0 && (
          <Text size="sm" c="dimmed">
            {depth === 0 ? m.targeting.everybodyHint : m.targeting.emptyGroup}
          </Text>
        )}
      </Stack>
      <Group gap={4} mt="xs" className={classes.adders}>
        <Adder icon={<IconFilter size={14} aria-hidden />} label={m.targeting.addCondition} onClick={() => add(newClause())} />
        <Adder icon={<IconUsersGroup size={14} aria-hidden />} label={m.targeting.addSegment} onClick={() => add(newSegment())} />
        <Adder
          icon={<IconPercentage size={14} aria-hidden />}
          label={m.targeting.addPercentage}
          onClick={() => add(newPercentage())}
        />
        {depth < 6 && (
          <Adder
            icon={<IconBraces size={14} aria-hidden />}
            label={m.targeting.addGroup}
            onClick={() => add(newGroup([newClause()], group.op === 'and' ? 'or' : 'and'))}
          />
        )}
      </Group>
    </div>
  )
}

function Leaf({ node, onChange, children }: { node: Node; onChange: Change; children: ReactNode }) {
  const m = useMessages()
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <span className={classes.outcome}>
        <NodeOutcome node={node.id} />
      </span>
      <NegateButton node={node} onChange={onChange} />
      <div style={{ flex: 1, minWidth: 0 }}>{children}</div>
      <ActionIcon
        variant="subtle"
        color="gray"
        mt={4}
        aria-label={m.targeting.removeCondition}
        onClick={() => onChange(node.id, () => null)}
      >
        <IconX size={16} />
      </ActionIcon>
    </Group>
  )
}

function NegateButton({ node, onChange }: { node: Node; onChange: Change }) {
  const m = useMessages()
  return (
    <Badge
      component="button"
      type="button"
      aria-pressed={node.negated}
      title={m.targeting.negate}
      tt="none"
      variant={node.negated ? 'filled' : 'default'}
      color={node.negated ? 'red.8' : 'gray'}
      className={classes.negate}
      data-on={node.negated || undefined}
      onClick={() => onChange(node.id, (old) => ({ ...old, negated: !old.negated }))}
    >
      {m.targeting.negated}
    </Badge>
  )
}

function Adder({ icon, label, onClick }: { icon: ReactNode; label: string; onClick: () => void }) {
  return (
    <Button variant="subtle" size="compact-xs" leftSection={icon} onClick={onClick}>
      {label}
    </Button>
  )
}
