import { useTranslation } from "react-i18next";
import { Select } from "../ui/Select";

interface Props {
  readonly label: string;
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: string;
  readonly onChoose: (deviceId: string) => void;
  readonly testId: string;
}

/** A choice of devices. One that was remembered but is not plugged in now is shown as the default. */
export function DeviceSelect({ label, devices, chosen, onChoose, testId }: Props) {
  const { t } = useTranslation();
  const choices = devices.map((device, index) => ({
    value: device.deviceId,
    label: device.label || t("devices.unnamed", { number: index + 1 }),
  }));
  const known = choices.some((choice) => choice.value === chosen);
  return (
    <Select
      label={label}
      choices={[{ value: "", label: t("devices.systemDefault") }, ...choices]}
      value={known ? chosen : ""}
      onChoose={onChoose}
      testId={testId}
    />
  );
}
