import { Button, Group, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconCheck, IconPlugConnected, IconX } from '@tabler/icons-react'
import { useMessages } from '../texts/messages'
import { useProviderActions } from '../api/providers'
import type { IdentityProviderView } from '../api/types'
import { accessErrorText } from '../parts/accessError'
import { Section } from '../parts/Section'
import { useTexts } from './texts/useTexts'

/** Tries the provider for real, as it is saved, and shows how far it went. */
export function ProviderTest({ org, provider }: { org: string; provider: IdentityProviderView }) {
  const m = useMessages()
  const t = useTexts()
  const { test } = useProviderActions(org, provider.key)
  return (
    <Section
      title={t.providers.test}
      text={t.providers.testText}
      action={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlugConnected size={15} aria-hidden />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t.providers.testNow}
        </Button>
      }
    >
      {test.isError && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {accessErrorText(test.error, m)}
        </Text>
      )}
      {test.data && (
        <Stack gap={10} component="ol" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t.providers.testSteps} role="list">
          {test.data.steps.map((step) => (
            <Group key={step.name} component="li" gap="sm" wrap="nowrap" align="flex-start">
              <ThemeIcon size={22} radius="xl" variant="light" color={step.ok ? 'teal' : 'red'} role="img" aria-label={step.ok ? t.providers.stepOk : t.providers.stepFailed}>
                {step.ok ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
              </ThemeIcon>
              <div style={{ minWidth: 0 }}>
                <Text size="sm" fw={600}>
                  {(m.testSteps as Record<string, string>)[step.name] ?? step.name}
                </Text>
                <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {step.detail}
                </Text>
              </div>
            </Group>
          ))}
        </Stack>
      )}
    </Section>
  )
}
