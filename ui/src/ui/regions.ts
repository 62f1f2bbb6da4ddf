/** Regions offered for choice, with the names AWS gives them. A region that is missing here can be set in the profile. */
export const regions = [
  { value: "eu-west-1", label: "eu-west-1 · Ireland" },
  { value: "eu-central-1", label: "eu-central-1 · Frankfurt" },
  { value: "eu-west-2", label: "eu-west-2 · London" },
  { value: "eu-north-1", label: "eu-north-1 · Stockholm" },
  { value: "us-east-1", label: "us-east-1 · N. Virginia" },
  { value: "us-east-2", label: "us-east-2 · Ohio" },
  { value: "us-west-2", label: "us-west-2 · Oregon" },
  { value: "ca-central-1", label: "ca-central-1 · Canada" },
  { value: "sa-east-1", label: "sa-east-1 · São Paulo" },
  { value: "ap-southeast-1", label: "ap-southeast-1 · Singapore" },
  { value: "ap-southeast-2", label: "ap-southeast-2 · Sydney" },
  { value: "ap-northeast-1", label: "ap-northeast-1 · Tokyo" },
  { value: "ap-south-1", label: "ap-south-1 · Mumbai" },
];

/** The same, with one that is in use already and may be missing there. */
export const regionsWith = (region: string | null) => (region === null || regions.some((r) => r.value === region) ? regions : [{ value: region, label: region }, ...regions]);
