import { Chip, Collapse, Group, Input, NumberInput, Select, Stack, TextInput, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { toCron, type DurationUnit, type Repeat } from '@/shared/schedules/repeat'
import { weekdays } from '@/shared/schedules/sentence'
import type { ScheduleDraft } from './draft'

type Props = { draft: ScheduleDraft; set: (part: Partial<ScheduleDraft>) => void; zone: ReactNode }

const kinds: Repeat['kind'][] = ['daily', 'weekdays', 'weekly', 'monthly', 'hourly', 'cron']

/** When windows begin and how long they last. */
export function RepeatFields({ draft, set, zone }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const { repeat } = draft
  const change = (part: Partial<Repeat>) => set({ repeat: { ...repeat, ...part } })
  const [more, { toggle }] = useDisclosure(draft.priority !== 0 || draft.from !== '' || draft.until !== '')
  const names = weekdays(language)
  return (
    <Stack>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={m.schedules.repeat}
          allowDeselect={false}
          value={repeat.kind}
          onChange={(kind) => kind !== null && change({ kind: kind as Repeat['kind'], ...(kind === 'cron' ? { cron: toCron(repeat) } : {}) })}
          data={kinds.map((value) => ({ value, label: m.schedules.repeats[value] }))}
        />
        {repeat.kind === 'cron' ? (
          <TextInput label={m.schedules.cron} description={m.schedules.cronHint} inputWrapperOrder={['label', 'input', 'description', 'error']} className="mono" value={repeat.cron} maxLength={200} onChange={(event) => change({ cron: event.currentTarget.value })} />
        ) : repeat.kind === 'hourly' ? (
          <NumberInput label={m.schedules.minuteOfHour} min={0} max={59} clampBehavior="strict" value={repeat.minute} onChange={(value) => change({ minute: Number(value) })} />
        ) : (
          <TextInput type="time" label={m.schedules.startsAt} value={repeat.time} onChange={(event) => event.currentTarget.value !== '' && change({ time: event.currentTarget.value.slice(0, 5) })} />
        )}
        {repeat.kind === 'monthly' && <NumberInput label={m.schedules.dayOfMonth} min={1} max={31} clampBehavior="strict" value={repeat.day} onChange={(value) => change({ day: Number(value) || 1 })} />}
      </Group>
      {repeat.kind === 'weekly' && (
        <Input.Wrapper label={m.schedules.onDays} labelElement="div">
          <Chip.Group multiple value={repeat.days.map(String)} onChange={(days) => change({ days: days.map(Number) })}>
            <Group gap={6} mt={4}>
              {[1, 2, 3, 4, 5, 6, 0].map((day) => (
                <Chip key={day} value={String(day)} size="xs">
                  {names[day]}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
      )}
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <NumberInput label={m.schedules.lasts} min={1} max={527040} allowDecimal={false} value={draft.lasts} onChange={(value) => set({ lasts: value === '' ? '' : Number(value) })} />
        <Select label={m.schedules.unit} allowDeselect={false} value={draft.unit} onChange={(unit) => unit !== null && set({ unit: unit as DurationUnit })} data={(['minute', 'hour', 'day'] as const).map((value) => ({ value, label: m.schedules.units[value] }))} />
        {zone}
      </Group>
      <div>
        <UnstyledButton onClick={toggle} aria-expanded={more} fz="sm" fw={550} style={{ display: 'flex', alignItems: 'center', gap: 4 }}>
          {more ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          {m.schedules.moreSettings}
        </UnstyledButton>
        <Collapse expanded={more}>
          <Group grow align="flex-start" mt="xs" preventGrowOverflow={false}>
            <TextInput type="datetime-local" label={m.schedules.from} value={draft.from} onChange={(event) => set({ from: event.currentTarget.value })} />
            <TextInput type="datetime-local" label={m.schedules.until} value={draft.until} onChange={(event) => set({ until: event.currentTarget.value })} />
          </Group>
          <NumberInput mt="xs" label={m.schedules.priority} description={m.schedules.priorityHint} min={-1000} max={1000} allowDecimal={false} value={draft.priority} onChange={(value) => set({ priority: value === '' ? '' : Number(value) })} />
        </Collapse>
      </div>
    </Stack>
  )
}
