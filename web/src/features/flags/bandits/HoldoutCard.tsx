import { Alert, Group, Paper, Text, Title } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import type { AlgorithmView, BanditState } from './api'
import classes from './Bandit.module.css'
import { rewardFormat, shareFormat } from './format'
import { useBanditTexts } from './texts/useBanditTexts'

/** What the bandit earns beside those who get equal shares for good. */
export function HoldoutCard({ algorithm, holdout }: { algorithm: AlgorithmView; holdout: BanditState['holdout'] }) {
  const t = useBanditTexts()
  const { language } = useLanguage()
  const reward = rewardFormat(algorithm.reward.source, language)
  const share = shareFormat(language)
  const signed = (value: number) => `${value > 0 ? '+' : ''}${reward(value)}`
  const verdict = holdout == null ? null : holdout.low > 0 ? 'better' : holdout.high < 0 ? 'worse' : 'open'
  return (
    <Paper className="surface" p="md">
      <Title order={2} size="h5">
        {t.heldOut}
      </Title>
      {algorithm.holdout === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          {t.noHoldout}
        </Text>
      ) : (
        <Text size="xs" c="dimmed" mb="sm">
          {t.heldOutHint(share(algorithm.holdout / 100))}
        </Text>
      )}
      {algorithm.holdout > 0 && holdout == null && <Text size="sm">{t.holdoutWaits}</Text>}
      {holdout != null && verdict !== null && (
        <>
          <Group gap="xl" align="flex-start">
            <Figure name={t.withBandit} value={reward(holdout.servedMean)} below={t.ofOutcomes(holdout.servedOutcomes)} />
            <Figure name={t.withEqual} value={reward(holdout.mean)} below={t.ofOutcomes(holdout.outcomes)} />
            <Figure name={t.difference} value={signed(holdout.difference)} below={t.rowText(signed(holdout.low), signed(holdout.high))} />
          </Group>
          <Alert mt="sm" py="xs" color={verdict === 'better' ? 'teal' : verdict === 'worse' ? 'red' : 'gray'} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
            {t[verdict]}
          </Alert>
        </>
      )}
    </Paper>
  )
}

function Figure({ name, value, below }: { name: string; value: string; below: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="lg" fw={650} className={classes.number}>
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {below}
      </Text>
    </div>
  )
}
