import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconLinkOff, IconShieldCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { Dialog } from '@/shared/components/Dialog'
import { showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/audit/texts/messages'

/** Has the server read the whole chain and say whether anything in it was altered. */
export function VerifyButton({ org }: { org: string }) {
  const m = useMessages()
  const verify = useMutation({
    mutationFn: () => unwrap(client.GET('/api/v1/orgs/{org}/audit/verify', { params: { path: { org } } })),
    onError: (error) => showError(m.errors.title, error, m),
  })
  const found = verify.data
  return (
    <>
      <Button variant="default" leftSection={<IconShieldCheck size={17} aria-hidden />} loading={verify.isPending} onClick={() => verify.mutate()}>
        {m.audit.verify}
      </Button>
      <Dialog
        opened={found !== undefined}
        onClose={() => verify.reset()}
        title={<Text fw={650}>{m.audit.verifyTitle}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        {found && (
          <Stack>
            <Alert
              variant="light"
              color={found.intact ? 'teal' : 'red'}
              icon={found.intact ? <IconShieldCheck aria-hidden /> : <IconLinkOff aria-hidden />}
              title={found.intact ? m.audit.intact(found.entries) : m.audit.broken(found.firstBad ?? 0)}
            >
              {found.intact ? m.audit.intactText : (found.problem ?? m.audit.brokenText)}
            </Alert>
            {found.signedFrom !== null && (
              <Text size="sm" c="dimmed">
                {m.audit.signedFrom(found.signedFrom)}
              </Text>
            )}
            {found.uncheckedThrough > 0 && (
              <Text size="sm" c="dimmed">
                {m.audit.unchecked(found.uncheckedThrough)}
              </Text>
            )}
          </Stack>
        )}
      </Dialog>
    </>
  )
}
