import { List, Text } from '@mantine/core'
import { useLanguage } from '../i18n/messages'
import type { HealthSettingsView } from './api'
import { useHealthTexts } from './texts/useHealthTexts'

/** Settings in sentences. */
export function SettingsText({ settings }: { settings: HealthSettingsView }) {
  const t = useHealthTexts()
  const { language } = useLanguage()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  const { maxErrorRate, maxErrors, windowSeconds, minEvaluations, trial } = settings
  return (
    <List size="sm" spacing={2}>
      {maxErrorRate !== null && (
        <List.Item>
          {t.rule(percent.format(maxErrorRate), windowSeconds, number.format(minEvaluations))}
          {settings.judgeBursts && `, ${t.bursts}`}
        </List.Item>
      )}
      {maxErrors !== null && <List.Item>{t.ruleCount(number.format(maxErrors), windowSeconds)}</List.Item>}
      <List.Item>
        <Text span size="sm" fw={600}>
          {t.thenDo[settings.action]}
        </Text>{' '}
        {trial !== null && t.trialText(trial.afterMinutes, trial.percentage, trial.minutes)}
      </List.Item>
      {settings.sources === 'all' && <List.Item>{t.clients}</List.Item>}
    </List>
  )
}
