import { Group, Select, Table, Text, Title, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import type { AlgorithmStateView, AlgorithmView, BanditState } from './api'
import classes from './Bandit.module.css'
import { rewardFormat, shareFormat } from './format'
import type { ColorOf } from './Plots'
import { useBanditTexts } from './texts/useBanditTexts'

type Props = { algorithm: AlgorithmView; state: BanditState; evaluations: AlgorithmStateView['evaluations']; colorOf: ColorOf }

/** What every variant has come to, over everybody or in one context. */
export function ArmTable({ algorithm, state, evaluations, colorOf }: Props) {
  const t = useBanditTexts()
  const { language } = useLanguage()
  const [chosen, setChosen] = useState('*')
  const reward = rewardFormat(algorithm.reward.source, language)
  const share = shareFormat(language)
  const number = new Intl.NumberFormat(language)
  const cell = state.cells.length > 1 ? state.cells.find(({ key }) => key === chosen) : undefined
  const arms = cell?.arms ?? state.arms
  return (
    <>
      <Group justify="space-between" p="md" pb="xs">
        <Title order={2} size="h5">
          {t.variants}
        </Title>
        {state.cells.length > 1 && (
          <Select
            size="xs"
            w={260}
            maw="100%"
            aria-label={t.context2}
            allowDeselect={false}
            value={cell === undefined ? '*' : chosen}
            onChange={(value) => setChosen(value ?? '*')}
            data={[{ value: '*', label: t.everybody }, ...state.cells.map(({ key, name, outcomes }) => ({ value: key, label: `${name} (${number.format(outcomes)})` }))]}
          />
        )}
      </Group>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.variants}>
        <Table miw={860} aria-label={t.variants} horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.variant}</Table.Th>
              <Table.Th w={130}>{t.share}</Table.Th>
              <Table.Th ta="right">{t.served}</Table.Th>
              <Table.Th ta="right">{t.exposures}</Table.Th>
              <Table.Th ta="right">{t.outcomesName}</Table.Th>
              <Table.Th ta="right">{t.mean[algorithm.reward.source]}</Table.Th>
              <Table.Th ta="right">{t.best}</Table.Th>
              <Table.Th ta="right">
                <Tooltip label={t.valueHint} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
                  <span tabIndex={0} style={{ textDecoration: 'underline dotted' }}>
                    {t.value}
                  </span>
                </Tooltip>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {arms.map((arm) => {
              const { exposures = 0, outcomes = 0 } = arm.totals
              return (
              <Table.Tr key={arm.variant}>
                <Table.Td>
                  <Group gap={8} wrap="nowrap">
                    <span className={classes.dot} style={{ background: colorOf(arm.variant) }} aria-hidden />
                    <Text size="sm" fw={600} maw={220} truncate title={arm.variant}>
                      {arm.variant}
                    </Text>
                  </Group>
                </Table.Td>
                <Table.Td className={classes.number}>
                  <b>{share(arm.weight)}</b>
                  <div className={classes.bar} aria-hidden>
                    <i style={{ width: `${arm.weight * 100}%`, background: colorOf(arm.variant) }} />
                  </div>
                </Table.Td>
                {/* How often is counted for everybody together. */}
                <Table.Td ta="right" className={classes.number}>{cell === undefined ? number.format(evaluations[arm.variant] ?? 0) : '—'}</Table.Td>
                <Table.Td ta="right" className={classes.number}>{number.format(exposures)}</Table.Td>
                <Table.Td ta="right" className={classes.number}>{number.format(outcomes)}</Table.Td>
                <Table.Td ta="right" className={classes.number}>
                  {outcomes === 0 ? '—' : reward(arm.mean)}
                  {outcomes > 0 && (
                    <Text size="xs" c="dimmed">
                      {t.rowText(reward(arm.belief.low), reward(arm.belief.high))}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right" className={classes.number}>{state.outcomes === 0 ? '—' : share(arm.bestProbability)}</Table.Td>
                <Table.Td ta="right" className={classes.number}>{arm.value == null ? '—' : `${reward(arm.value.ips)} ± ${reward(arm.value.standardError)}`}</Table.Td>
              </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </div>
    </>
  )
}
