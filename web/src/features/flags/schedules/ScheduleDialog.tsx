import { Alert, Button, Checkbox, Group, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { useConfirm } from '@/shared/components/confirm'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { errorText, showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { may, meQuery } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useTimeZone } from '@/shared/project/timeZone'
import type { ScheduleView } from '@/shared/schedules/api'
import { hereZone, instantOf } from '@/shared/schedules/zoned'
import { ServeEditor } from '@/shared/targeting/ServeEditor'
import { configurationQuery } from '../api/configuration'
import { previewQuery, useScheduleActions } from './api'
import { draftOf, requestOfDraft, type ScheduleDraft } from './draft'
import { RepeatFields } from './RepeatFields'
import { SchedulePreview } from './SchedulePreview'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView; schedule: ScheduleView | null; onClose: () => void }

/** Makes or changes a schedule, showing the next windows while it is written. */
export function ScheduleDialog({ scope, flag, environment, schedule, onClose }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const zone = useTimeZone() ?? hereZone()
  const { data: me } = useQuery(meQuery)
  const [draft, setDraft] = useState<ScheduleDraft>(() => draftOf(schedule, zone, Date.now()))
  const set = (part: Partial<ScheduleDraft>) => setDraft((before) => ({ ...before, ...part }))
  const { create, update } = useScheduleActions(scope, flag.key, environment.key)
  const where = { ...scope, environment: environment.key }
  const [mayToggle, mayConfigure] = [may(me, 'flag.toggle', where), may(me, 'flag.manage', where)]

  const request = useMemo(() => requestOfDraft(draft, schedule?.enabled ?? true), [draft, schedule])
  const [settled] = useDebouncedValue(request, 300)
  const preview = useQuery(previewQuery(scope, flag.key, environment.key, settled))
  const error = create.error ?? update.error ?? (request === settled ? preview.error : null)
  const isPast = draft.kind === 'once' && (instantOf(draft.at, draft.timeZone)?.getTime() ?? Infinity) <= Date.now()
  const ready = request !== null && draft.name.trim() !== '' && !isPast && !(preview.isError && request === settled)

  const submit = async () => {
    if (request === null || !ready) {
      return
    }
    if (environment.critical && !(await confirm({ title: m.schedules.criticalTitle(environment.name), text: m.schedules.criticalText(environment.name), confirm: m.common.save }))) {
      return
    }
    const done = {
      onSuccess: () => {
        showDone(m.schedules.saved(draft.name.trim()), m)
        onClose()
      },
    }
    if (schedule === null) {
      create.mutate(request, done)
    } else {
      update.mutate({ schedule, body: request }, done)
    }
  }

  return (
    <Dialog opened onClose={onClose} size="lg" closeOnClickOutside={false} title={<Text fw={650}>{schedule === null ? m.schedules.new : m.schedules.edit}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Stack>
          <EnvironmentMark environment={environment} />
          <TextInput label={m.schedules.name} placeholder={m.schedules.namePlaceholder} value={draft.name} maxLength={200} data-autofocus onChange={(event) => set({ name: event.currentTarget.value })} />
          <SegmentedControl
            fullWidth
            aria-label={m.schedules.when}
            value={draft.kind}
            onChange={(kind) => set({ kind: kind as ScheduleDraft['kind'], ...(kind === 'recurring' && draft.action === 'configure' ? { action: 'enable' as const } : {}) })}
            data={[
              { value: 'once', label: m.schedules.once },
              { value: 'recurring', label: m.schedules.recurring },
            ]}
          />
          <Select
            label={draft.kind === 'once' ? m.schedules.what : m.schedules.whatWindow}
            allowDeselect={false}
            value={draft.action}
            onChange={(action) => action !== null && set({ action: action as ScheduleDraft['action'], ...(draft.serve === null ? { serve: { variant: flag.defaultVariant } } : {}) })}
            data={
              draft.kind === 'once'
                ? [
                    { value: 'enable', label: m.schedules.turnOn, disabled: !mayToggle },
                    { value: 'disable', label: m.schedules.turnOff, disabled: !mayToggle },
                    { value: 'configure', label: m.schedules.configure, disabled: !mayConfigure },
                  ]
                : [
                    { value: 'enable', label: m.schedules.opens.enable },
                    { value: 'disable', label: m.schedules.opens.disable },
                  ]
            }
          />
          {draft.kind === 'once' && draft.action === 'configure' && <ChangeFields scope={scope} flag={flag} environment={environment} draft={draft} set={set} />}
          {draft.kind === 'once' ? (
            <Group grow align="flex-start" preventGrowOverflow={false}>
              <TextInput type="datetime-local" label={m.schedules.at} value={draft.at} error={isPast ? m.schedules.past : undefined} onChange={(event) => set({ at: event.currentTarget.value })} />
              <ZoneSelect value={draft.timeZone} onChange={(timeZone) => set({ timeZone })} />
            </Group>
          ) : (
            <RepeatFields draft={draft} set={set} zone={<ZoneSelect value={draft.timeZone} onChange={(timeZone) => set({ timeZone })} />} />
          )}
          {draft.kind === 'once' && (
            <NumberInput label={m.schedules.catchUp} description={m.schedules.catchUpHint} min={0} max={8784} maw={320} value={draft.catchUpHours} onChange={(value) => set({ catchUpHours: value === '' ? '' : Number(value) })} />
          )}
          {error !== null && (
            <Alert color="red" variant="light" role="alert">
              {error instanceof ApiProblem && error.errors.length > 0 ? error.errors.map(({ message }) => message).join(' ') : errorText(error, m)}
            </Alert>
          )}
          {preview.data !== undefined && request !== null && !preview.isError && <SchedulePreview preview={preview.data} recurring={draft.kind === 'recurring'} zone={draft.timeZone} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || update.isPending}>
              {schedule === null ? m.common.create : m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** Which part of the configuration changes, and to what. */
function ChangeFields({ scope, flag, environment, draft, set }: Pick<Props, 'scope' | 'flag' | 'environment'> & { draft: ScheduleDraft; set: (part: Partial<ScheduleDraft>) => void }) {
  const m = useMessages()
  const { data } = useQuery(configurationQuery(scope, flag.key, environment.key))
  const rules = data?.body.rules ?? []
  return (
    <Stack gap="xs">
      <Select
        label={m.schedules.whichServe}
        allowDeselect={false}
        value={draft.place}
        onChange={(place) => place !== null && set({ place })}
        data={[{ value: '', label: m.schedules.defaultServe }, ...rules.map((rule, index) => ({ value: rule.id, label: m.schedules.rule(rule.name ?? String(index + 1)) }))]}
      />
      <ServeEditor serve={draft.serve ?? { variant: flag.defaultVariant }} variants={flag.variants} onChange={(serve) => set({ serve })} />
      <Checkbox label={m.schedules.alsoOn} checked={draft.alsoOn} onChange={(event) => set({ alsoOn: event.currentTarget.checked })} />
    </Stack>
  )
}

function ZoneSelect({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const m = useMessages()
  const zones = useMemo(() => [...new Set([value, hereZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')])], [value])
  return <Select label={m.schedules.timeZone} searchable allowDeselect={false} limit={100} value={value} data={zones} onChange={(zone) => zone !== null && onChange(zone)} />
}
