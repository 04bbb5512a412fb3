import { Alert, Button, Group, NativeSelect, Radio, Skeleton, Stack, Switch, Text } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { providersQuery } from '../api/providers'
import { securityQuery, useChangeSecurity, type SecurityChange } from '../api/security'
import type { SecurityView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'

const route = getRouteApi('/signedIn/o/$org/security')
const retentions = [30, 90, 180, 365, 730, 1825]

/** What an organization demands of the sign-in, and how long it remembers. */
export function SecurityPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const security = useQuery(securityQuery(org))
  return (
    <SettingsPage title={m.security.title} subtitle={m.security.subtitle} width={900}>
      {security.isError && security.data === undefined ? (
        <ErrorState error={security.error} onRetry={() => void security.refetch()} />
      ) : security.data === undefined ? (
        <Stack>
          <Skeleton height={120} />
          <Skeleton height={160} />
          <Skeleton height={110} />
        </Stack>
      ) : (
        <Settings key={security.data.version} org={org} security={security.data} />
      )}
    </SettingsPage>
  )
}

function Settings({ org, security }: { org: string; security: SecurityView }) {
  const m = useMessages()
  const t = m.security
  const confirm = useConfirm()
  const { me } = useAccess(org)
  const change = useChangeSecurity(org)
  const providers = useQuery(providersQuery(org))
  const [retention, setRetention] = useState(String(security.auditRetentionDays ?? ''))
  const without = security.membersWithoutTwoFactor
  // Somebody who came through a provider answers to that provider's second factor.
  const includesMe = me !== undefined && !me.twoFactor
  const usable = providers.data?.some(({ enabled, kind }) => enabled && kind !== 'scim') ?? false

  const save = (body: SecurityChange) =>
    // Not as callbacks of mutate: the new version replaces these settings before they would be called.
    change.mutateAsync({ ...body, version: security.version }).then(
      () => showDone(m.access.saved, m),
      (error: unknown) => showAccessError(error, m),
    )
  const setTwoFactor = async (on: boolean) => {
    if (
      !on ||
      (await confirm({
        title: t.twoFactorTitle,
        text: (
          <>
            {without > 0 ? t.twoFactorText(without) : t.twoFactorNobody}
            {includesMe && (
              <Text size="sm" fw={600} mt={8}>
                {t.includesYou}
              </Text>
            )}
          </>
        ),
        confirm: t.twoFactorConfirm,
        danger: without > 0,
      }))
    ) {
      save({ requireTwoFactor: on })
    }
  }
  const setPassword = async (value: string) => {
    const passwordSignIn = value as SecurityView['passwordSignIn']
    if (
      passwordSignIn === 'everybody' ||
      (await confirm({ title: t.ownersTitle, text: usable ? t.ownersText : t.ownersNoProvider, confirm: t.ownersConfirm, danger: true }))
    ) {
      save({ passwordSignIn })
    }
  }
  const setDays = async () => {
    const days = retention === '' ? null : Number(retention)
    if (
      days === null ||
      (await confirm({ title: t.retentionTitle(days), text: t.retentionConfirmText, confirm: t.retentionConfirm, danger: true }))
    ) {
      save({ auditRetentionDays: days })
    }
  }

  return (
    <Stack>
      <Section title={t.twoFactor} text={t.twoFactorHint}>
        <Stack gap="sm">
          <Switch
            label={t.requireTwoFactor}
            checked={security.requireTwoFactor}
            disabled={change.isPending}
            onChange={(event) => void setTwoFactor(event.currentTarget.checked)}
          />
          {without > 0 ? (
            <Alert variant="light" color="orange" icon={<IconAlertTriangle aria-hidden />}>
              {security.requireTwoFactor ? t.lackingRequired(without) : t.lacking(without)} {includesMe && t.youToo}
            </Alert>
          ) : (
            <Alert variant="light" color="teal" icon={<IconShieldCheck aria-hidden />}>
              {t.noneLacking}
            </Alert>
          )}
        </Stack>
      </Section>
      <Section title={t.password} text={t.passwordHint}>
        <Radio.Group aria-label={t.password} value={security.passwordSignIn} onChange={(value) => void setPassword(value)}>
          <Stack gap="sm">
            <Radio value="everybody" label={t.everybody} description={t.everybodyHint} disabled={change.isPending} />
            <Radio value="owners" label={t.owners} description={t.ownersHint} disabled={change.isPending} />
          </Stack>
        </Radio.Group>
      </Section>
      <Section title={t.retention} text={t.retentionHint}>
        <Group gap="xs" align="flex-end">
          <NativeSelect
            label={t.keepFor}
            value={retention}
            onChange={(event) => setRetention(event.currentTarget.value)}
            data={[
              { value: '', label: t.forever },
              ...[...new Set([...retentions, ...(security.auditRetentionDays ? [security.auditRetentionDays] : [])])]
                .toSorted((a, b) => a - b)
                .map((days) => ({ value: String(days), label: t.days(days) })),
            ]}
          />
          <Button
            variant="default"
            disabled={retention === String(security.auditRetentionDays ?? '')}
            loading={change.isPending}
            onClick={() => void setDays()}
          >
            {m.common.save}
          </Button>
        </Group>
      </Section>
    </Stack>
  )
}
