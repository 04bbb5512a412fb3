import { closestCenter, DndContext, KeyboardSensor, PointerSensor, useSensor, useSensors, type Announcements, type DragEndEvent, type UniqueIdentifier } from '@dnd-kit/core'
import { arrayMove, SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable'
import { Stack } from '@mantine/core'
import type { Configuration, FlagView, TargetingProblem } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { newRuleId, type RuleDraft } from '@/shared/targeting/configuration'
import { ruleTitle } from '@/shared/targeting/diff'
import { problemsAt } from '@/shared/targeting/problems'
import { RuleCard } from './RuleCard'

type Props = {
  flag: FlagView
  base: Configuration
  rules: RuleDraft[]
  open: string | null
  onOpen: (id: string | null) => void
  onChange: (rules: RuleDraft[]) => void
  problems: TargetingProblem[]
  problemsByNode: Map<string, TargetingProblem[]>
  readOnly: boolean
}

/** The rules in their order, which pointer and keyboard can change. */
export function RuleList({ flag, base, rules, open, onOpen, onChange, problems, problemsByNode, readOnly }: Props) {
  const m = useMessages()
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  )
  const move = (from: number, to: number) => {
    if (to >= 0 && to < rules.length) {
      onChange(arrayMove(rules, from, to))
    }
  }
  const dropped = ({ active, over }: DragEndEvent) => {
    if (over !== null && active.id !== over.id) {
      move(
        rules.findIndex(({ id }) => id === active.id),
        rules.findIndex(({ id }) => id === over.id),
      )
    }
  }
  const titleOf = (id: UniqueIdentifier) => {
    const index = rules.findIndex((rule) => rule.id === id)
    return ruleTitle(rules[index] ?? {}, index, m)
  }
  const placeOf = (rule: UniqueIdentifier | undefined) => rules.findIndex(({ id }) => id === rule) + 1
  const announcements: Announcements = {
    onDragStart: ({ active }) => m.move.taken(titleOf(active.id), placeOf(active.id), rules.length),
    onDragOver: ({ active, over }) => m.move.over(titleOf(active.id), placeOf(over?.id), rules.length),
    onDragEnd: ({ active, over }) => m.move.dropped(titleOf(active.id), placeOf(over?.id), rules.length),
    onDragCancel: ({ active }) => m.move.cancelled(titleOf(active.id)),
  }
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={dropped}
      accessibility={{ announcements, screenReaderInstructions: { draggable: m.move.instructions } }}
    >
      <SortableContext items={rules.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          {rules.map((rule, index) => (
            <RuleCard
              key={rule.id}
              flag={flag}
              rule={rule}
              index={index}
              count={rules.length}
              before={base.rules.find(({ id }) => id === rule.id)}
              open={open === rule.id}
              onOpen={(wanted) => onOpen(wanted ? rule.id : null)}
              onChange={(next) => onChange(rules.map((item) => (item.id === rule.id ? next : item)))}
              onRemove={() => onChange(rules.filter(({ id }) => id !== rule.id))}
              onDuplicate={() => {
                const copy = { ...rule, id: newRuleId() }
                onChange([...rules.slice(0, index + 1), copy, ...rules.slice(index + 1)])
                onOpen(copy.id)
              }}
              onMove={(by) => move(index, index + by)}
              problems={problemsAt(problems, `/rules/${index}`)}
              problemsByNode={problemsByNode}
              readOnly={readOnly}
            />
          ))}
        </Stack>
      </SortableContext>
    </DndContext>
  )
}
