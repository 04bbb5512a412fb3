import { Group, Stack, Text } from '@mantine/core'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage } from '@/shared/i18n/messages'
import { RolloutBar } from '@/shared/targeting/RolloutBar'
import { useMessages } from '../texts/messages'
import { percentText, splitOf } from './numbers'

type Props = { layer: { from: number; to: number } | null; holdout: number; traffic: number; variations: { key: string; weight: number }[]; order: string[]; control: string }

/** The audience as a bar: who gets which variant, and who is left out by which stage. Told in words below. */
export function SplitPicture({ order, control, ...design }: Props) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const split = splitOf(design)
  const parts = [
    ...split.variants.map(({ key, share }) => ({ key, label: key === control ? `${key} (${x.isControl})` : key, share, color: variantColor(order.indexOf(key)) })),
    { key: 'traffic', label: x.outsideTraffic, share: split.outsideTraffic, color: 'light-dark(var(--mantine-color-gray-4), var(--mantine-color-dark-3))' },
    { key: 'holdout', label: x.heldOut, share: split.heldOut, color: 'light-dark(var(--mantine-color-gray-6), var(--mantine-color-dark-1))' },
    { key: 'layer', label: x.outsideLayer, share: split.outsideLayer, color: 'light-dark(var(--mantine-color-gray-2), var(--mantine-color-dark-4))' },
  ].filter(({ share }) => share > 0.5)
  return (
    <Stack gap={8}>
      <RolloutBar parts={parts} height={18} />
      <Group gap="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label={x.split}>
        {parts.map(({ key, label, share, color }) => (
          <Group key={key} component="li" gap={6} wrap="nowrap">
            <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: color, flex: 'none' }} />
            <Text size="sm">
              {label} {percentText(share / 100, language)}
            </Text>
          </Group>
        ))}
      </Group>
      <Text size="xs" c="dimmed">
        {x.splitHint}
      </Text>
    </Stack>
  )
}
