import { Skeleton, Stack } from '@mantine/core'

/** As high as the rows that are on their way, so that nothing jumps when they come. */
export function LoadingRows({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={10} p="md">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} />
      ))}
    </Stack>
  )
}
