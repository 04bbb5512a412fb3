import { Alert, List, Text } from '@mantine/core'
import { IconAlertTriangle, IconArrowBackUp, IconHourglass, IconRocket } from '@tabler/icons-react'
import type { ExperimentView } from '../api'
import type { AnalysisResult } from './results'
import { useResultTexts } from './texts/messages'
import { verdictOf, warningText } from './verdict'

const looks = {
  ship: { color: 'teal', Icon: IconRocket },
  rollBack: { color: 'orange', Icon: IconArrowBackUp },
  keepRunning: { color: 'blue', Icon: IconHourglass },
  ended: { color: 'gray', Icon: IconHourglass },
  unhealthy: { color: 'red', Icon: IconAlertTriangle },
}

/** What is recommended and why. It is told to screen readers when it changes. */
export function VerdictBanner({ experiment, result }: { experiment: Pick<ExperimentView, 'state' | 'control'>; result: AnalysisResult }) {
  const { r } = useResultTexts()
  const { tone, title, reasons } = verdictOf(result, experiment.state, experiment.control, r)
  const { color, Icon } = looks[tone]
  // What the next look says already is not said again.
  const warnings = (result.warnings ?? []).filter((code) => code !== 'betweenLooks' || !result.decision.reasons.includes('waitingForLook') || result.nextLookDay == null)
  return (
    <Alert variant="light" color={color} icon={<Icon size={22} aria-hidden />} role="status" aria-label={r.recommendation} data-verdict={tone}>
      <Text size="xs" c="var(--mantine-color-text)">
        {r.recommendation}
      </Text>
      <Text fw={650} size="lg" lh={1.3} style={{ overflowWrap: 'anywhere' }}>
        {title}
      </Text>
      <List size="sm" mt={4} spacing={2}>
        {reasons.map((reason) => (
          <List.Item key={reason}>{reason}</List.Item>
        ))}
        {warnings.map((code) => (
          <List.Item key={code}>{warningText(code, r)}</List.Item>
        ))}
      </List>
    </Alert>
  )
}
