import { Alert, Checkbox, Stack, Text } from '@mantine/core'
import { IconShieldLock } from '@tabler/icons-react'
import { useGuardTexts } from './texts/useGuardTexts'
import type { Guard } from './useGuard'

type Props = { guard: Guard; bypass: boolean; onBypass: (bypass: boolean) => void }

/** Says before something is saved that it will wait for an approval, and lets those go past it who may. */
export function GuardNote({ guard, bypass, onBypass }: Props) {
  const t = useGuardTexts()
  if (!guard.guarded) {
    return null
  }
  return (
    <Alert color={bypass ? 'red' : 'blue'} icon={<IconShieldLock aria-hidden />} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
      <Stack gap="xs">
        <Text size="sm" role="status">
          {bypass ? t.bypassing : t.waits}
        </Text>
        {guard.bypass !== 'no' && (
          <Checkbox
            color="red"
            styles={{ description: { color: 'inherit' } }}
            label={t.bypass}
            description={guard.bypass === 'right' ? t.bypassHint : t.bypassGroups(guard.bypass.join(', '))}
            checked={bypass}
            onChange={(event) => onBypass(event.currentTarget.checked)}
          />
        )}
      </Stack>
    </Alert>
  )
}
