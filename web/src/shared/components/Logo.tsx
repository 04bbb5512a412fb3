import { Group, Text } from '@mantine/core'

export function Logo({ size = 26 }: { size?: number }) {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/favicon.svg" width={size} height={size} alt="" />
      <Text span fw={700} fz={size * 0.68} lts="-0.02em">
        {'Togglr'}
      </Text>
    </Group>
  )
}
