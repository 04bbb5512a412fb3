import { Text } from '@mantine/core'
import type { Scope } from '../project/scope'
import { useGuardTexts } from './texts/useGuardTexts'
import { useGuard } from './useGuard'

/** Says when a change happens: at once, or when somebody has approved it. */
export default function GuardLine({ scope, environment, tags }: { scope: Scope; environment: string; tags: readonly string[] }) {
  const t = useGuardTexts()
  const { guarded } = useGuard(scope, environment, tags)
  return (
    <Text size="sm" role="status">
      {guarded ? t.whenApproved : t.atOnce}
    </Text>
  )
}
