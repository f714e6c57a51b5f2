import { useInfiniteQuery } from '@tanstack/react-query';

interface Page<Row> {
  items: Row[];
  next_cursor?: string | null | undefined;
}

/** A list that comes page by page. `read` gets the cursor of the page it is to read. */
export function usePaged<Row>(
  key: readonly unknown[],
  read: (query: { cursor?: string; limit: number }) => Promise<Page<Row>>,
) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read({ limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
}
