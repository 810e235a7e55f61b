export { Avatar, initials, Pictures, type AvatarProps } from "./Avatar.tsx";
export { Button, IconButton, type ButtonProps, type IconButtonProps } from "./Button.tsx";
export { Checkbox } from "./Checkbox.tsx";
export { ChoiceCards, type Choice } from "./ChoiceCards.tsx";
export { classes } from "./classes.ts";
export { Combobox } from "./Combobox.tsx";
export { CopyText } from "./CopyText.tsx";
export { Dialog, DialogGap, type DialogProps } from "./Dialog.tsx";
export { Field, PasswordField, Switch, TextArea, TextField } from "./Field.tsx";
export { Kbd } from "./Kbd.tsx";
export { Mark } from "./Logo.tsx";
export {
  ChannelMark,
  Chip,
  Dots,
  Skeleton,
  Spinner,
  WaitRing,
  waitState,
  type MarkKind,
  type WaitState,
} from "./marks.tsx";
export { fetchMenus, Menu, type MenuItem, type MenuProps, type MenuSection } from "./Menu.tsx";
export { Notice } from "./Notice.tsx";
export type { ComboboxOption } from "./options.ts";
export { Select, type SelectOption, type SelectProps } from "./Select.tsx";
export { currentTheme, setTheme, type Theme } from "./theme.ts";
export { dismissToast, showToast, Toasts, type Toast } from "./toast.tsx";
export { Tooltips } from "./Tooltips.tsx";
