import { Group, NumberInput, Pill, Stack, Switch, TagsInput, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { EnvironmentView } from '@/shared/api/types'
import { useLanguage } from '@/shared/i18n/messages'
import { useImpactTexts } from '@/shared/impact/texts/useImpactTexts'
import { attributesQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { contextSampleQuery, type Sampling } from './api/environments'

const keys = ['targetingKey', 'user.id', 'user_id', 'userId', 'key']
const isName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !keys.includes(name)

/** Whether the server would refuse it. */
export const samplingFault = ({ minutes, size, attributes }: Sampling) =>
  !(minutes >= 5 && minutes <= 10_080) || !(size >= 100 && size <= 100_000) || !attributes.every(isName)

type Props = { scope: Scope; environment: EnvironmentView; value: Sampling; onChange: (value: Sampling) => void }

/** What an environment keeps of contexts, to show whom changes affect. */
export function SamplingFields({ scope, environment, value, onChange }: Props) {
  const t = useImpactTexts()
  const { language } = useLanguage()
  const known = useQuery(attributesQuery(scope))
  const sample = useQuery({ ...contextSampleQuery(scope, environment.key), enabled: environment.sampling.enabled })
  const number = (count: number) => new Intl.NumberFormat(language).format(count)
  const offered = (known.data ?? []).filter((attribute) => !attribute.private && isName(attribute.name)).map(({ name }) => name)
  return (
    <Stack gap="sm" role="group" aria-label={t.settings.title}>
      <Switch
        label={t.settings.title}
        description={t.settings.hint}
        checked={value.enabled}
        onChange={(event) => onChange({ ...value, enabled: event.currentTarget.checked })}
      />
      {value.enabled ? (
        <>
          <TagsInput
            label={t.settings.attributes}
            description={t.settings.attributesHint}
            data={offered}
            value={value.attributes}
            maxTags={50}
            renderPill={({ option, onRemove }) => (
              <Pill withRemoveButton onRemove={onRemove} removeButtonProps={{ 'aria-label': t.settings.leaveOut(String(option.value)) }}>
                {String(option.value)}
              </Pill>
            )}
            splitChars={[',', ' ']}
            onChange={(attributes) => onChange({ ...value, attributes: attributes.filter(isName) })}
          />
          <Group grow align="flex-start">
            <NumberInput
              label={t.settings.minutes}
              min={5}
              max={10_080}
              allowDecimal={false}
              value={value.minutes}
              onChange={(minutes) => onChange({ ...value, minutes: Number(minutes) })}
            />
            <NumberInput
              label={t.settings.size}
              min={100}
              max={100_000}
              step={1000}
              allowDecimal={false}
              value={value.size}
              onChange={(size) => onChange({ ...value, size: Number(size) })}
            />
          </Group>
          {sample.data?.enabled === true && (
            <Text size="sm" c="dimmed" role="status">
              {sample.data.contexts === 0 ? t.settings.keptNone : t.settings.kept(number(sample.data.contexts), number(sample.data.people))}
            </Text>
          )}
        </>
      ) : (
        environment.sampling.enabled && (
          <Text size="sm" c="dimmed">
            {t.settings.offForgets}
          </Text>
        )
      )}
    </Stack>
  )
}
