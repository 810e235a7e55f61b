import { useMemo, type ReactNode } from "react";
import { fileUrl } from "../api/client.ts";
import { Pictures } from "../ui/Avatar.tsx";
import { useUsers } from "./hooks.ts";

/** Everybody below is drawn with their picture, where they have one. */
export function PicturesOfPeople({ children }: { children: ReactNode }) {
  const users = useUsers();
  const pictures = useMemo(
    () => new Map(users.flatMap(({ id, picture_id }) => (picture_id === null ? [] : [[id, fileUrl(picture_id)]]))),
    [users],
  );
  return <Pictures value={pictures}>{children}</Pictures>;
}
