import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { useMessages } from '../texts/messages'
import { useProviderActions } from '../api/providers'
import type { IdentityProviderView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { SecretDialog } from '../parts/SecretDialog'
import { Section } from '../parts/Section'
import { useTexts } from './texts/useTexts'

/** The token with which the provider writes here. */
export function ScimToken({ org, provider }: { org: string; provider: IdentityProviderView }) {
  const m = useMessages()
  const t = useTexts()
  const { scimToken } = useProviderActions(org, provider.key)
  const [asking, setAsking] = useState(false)
  const [overlap, setOverlap] = useState(true)
  const [secret, setSecret] = useState<string | null>(null)
  const issue = () =>
    scimToken.mutate(overlap ? 24 : 0, {
      onSuccess: (answer) => {
        setAsking(false)
        setSecret(answer.secret ?? answer.token ?? '')
      },
      onError: (error) => showAccessError(error, m),
    })
  return (
    <Section
      title={t.providers.scimToken}
      text={t.providers.scimTokenText}
      action={
        <Button size="xs" onClick={() => setAsking(true)}>
          {t.providers.issueToken}
        </Button>
      }
    >
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={<Text fw={650}>{t.providers.issueToken}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <Stack>
          <Text size="sm">{t.providers.issueTokenText}</Text>
          <Checkbox label={t.providers.keepOldToken} checked={overlap} onChange={(event) => setOverlap(event.currentTarget.checked)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              {m.common.cancel}
            </Button>
            <Button loading={scimToken.isPending} onClick={issue} data-autofocus>
              {t.providers.issueToken}
            </Button>
          </Group>
        </Stack>
      </Dialog>
      <SecretDialog
        title={m.serviceAccounts.secretTitle}
        text={t.providers.scimSecretText}
        secret={secret}
        onClose={() => {
          setSecret(null)
          scimToken.reset()
        }}
      />
    </Section>
  )
}
