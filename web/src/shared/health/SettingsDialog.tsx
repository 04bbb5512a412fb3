import { Alert, Button, Checkbox, Group, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { Dialog } from '../components/Dialog'
import { errorText, showDone } from '../components/feedback'
import { useMessages } from '../i18n/messages'
import type { Scope } from '../project/scope'
import { useHealthSettings, type HealthPlace, type HealthSettingsView } from './api'
import { useHealthTexts } from './texts/useHealthTexts'

type Props = { scope: Scope; place: HealthPlace; name: string; settings: HealthSettingsView; isInherited: boolean; onClose: () => void }

const numberOf = (value: number | string) => (value === '' ? undefined : Number(value))

/** When errors are too many, and what happens then. */
export function SettingsDialog({ scope, place, name, settings, isInherited, onClose }: Props) {
  const m = useMessages()
  const t = useHealthTexts()
  const { put } = useHealthSettings(scope, place)
  const [seconds, setSeconds] = useState<number | string>(settings.windowSeconds)
  const [rate, setRate] = useState<number | string>(settings.maxErrorRate === null ? '' : Math.round(settings.maxErrorRate * 10_000) / 100)
  const [count, setCount] = useState<number | string>(settings.maxErrors ?? '')
  const [least, setLeast] = useState<number | string>(settings.minEvaluations)
  const [bursts, setBursts] = useState(settings.judgeBursts)
  const [action, setAction] = useState(settings.action)
  const [clients, setClients] = useState(settings.sources === 'all')
  const [trial, setTrial] = useState(settings.trial !== null)
  const [after, setAfter] = useState<number | string>(settings.trial?.afterMinutes ?? 15)
  const [percentage, setPercentage] = useState<number | string>(settings.trial?.percentage ?? 5)
  const [length, setLength] = useState<number | string>(settings.trial?.minutes ?? 10)
  const [then, setThen] = useState(settings.trial?.then ?? 'ask')
  const [reason, setReason] = useState('')
  const ready = seconds !== '' && least !== '' && (rate !== '' || count !== '') && (action !== 'disable' || !trial || (after !== '' && percentage !== '' && length !== ''))
  const submit = () =>
    put.mutate(
      {
        version: isInherited ? 0 : settings.version,
        body: {
          windowSeconds: Number(seconds),
          minEvaluations: Number(least),
          maxErrorRate: rate === '' ? undefined : Number(rate) / 100,
          maxErrors: numberOf(count),
          judgeBursts: bursts,
          action,
          sources: clients ? 'all' : 'server',
          trial: action === 'disable' && trial ? { afterMinutes: Number(after), percentage: Number(percentage), minutes: Number(length), then } : undefined,
          reason: reason.trim() || undefined,
        },
      },
      {
        onSuccess: () => {
          showDone(t.saved, m)
          onClose()
        },
      },
    )
  return (
    <Dialog opened size="lg" onClose={onClose} closeButtonProps={{ 'aria-label': m.common.close }} title={<Text fw={650} style={{ overflowWrap: 'anywhere' }}>{t.dialog.title(name)}</Text>}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <NumberInput label={t.dialog.byRate} description={t.dialog.byRateHint} min={0.01} max={100} decimalScale={2} value={rate} onChange={setRate} data-autofocus />
            <NumberInput label={t.dialog.window} description={t.dialog.windowHint} min={10} max={3600} allowDecimal={false} suffix={` ${t.dialog.seconds}`} value={seconds} onChange={setSeconds} />
          </Group>
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <NumberInput label={t.dialog.least} description={t.dialog.leastHint} min={1} max={1_000_000_000} allowDecimal={false} value={least} onChange={setLeast} />
            <NumberInput label={t.dialog.byCount} description={t.dialog.byCountHint} min={1} max={1_000_000_000} allowDecimal={false} value={count} onChange={setCount} />
          </Group>
          <Checkbox label={t.dialog.bursts} description={t.dialog.burstsHint} checked={bursts} onChange={(event) => setBursts(event.currentTarget.checked)} />
          <Select
            label={t.dialog.action}
            description={t.dialog.actionHints[action]}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            allowDeselect={false}
            value={action}
            onChange={(value) => setAction((value ?? 'announce') as typeof action)}
            data={(['none', 'announce', 'request', 'disable'] as const).map((value) => ({ value, label: t.dialog.actions[value] }))}
          />
          {action === 'disable' && (
            <>
              <Checkbox label={t.dialog.trial} checked={trial} onChange={(event) => setTrial(event.currentTarget.checked)} />
              {trial && (
                <>
                  <Group grow align="flex-start">
                    <NumberInput label={t.dialog.after} min={1} max={10_080} allowDecimal={false} value={after} onChange={setAfter} />
                    <NumberInput label={t.dialog.percentage} min={0.01} max={50} decimalScale={2} value={percentage} onChange={setPercentage} />
                    <NumberInput label={t.dialog.length} min={1} max={1_440} allowDecimal={false} value={length} onChange={setLength} />
                  </Group>
                  <div>
                    <Text size="sm" fw={500} mb={4} id="health-then">
                      {t.dialog.then}
                    </Text>
                    <SegmentedControl aria-labelledby="health-then" value={then} onChange={(value) => setThen(value as typeof then)} data={(['ask', 'open'] as const).map((value) => ({ value, label: t.dialog.thens[value] }))} />
                  </div>
                </>
              )}
            </>
          )}
          <Checkbox label={t.dialog.clients} description={t.dialog.clientsHint} checked={clients} onChange={(event) => setClients(event.currentTarget.checked)} />
          <TextInput label={t.dialog.reason} maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          {put.isError && (
            <Alert color="red" icon={<IconAlertTriangle aria-hidden />}>
              {errorText(put.error, m)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={put.isPending}>
              {t.dialog.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
