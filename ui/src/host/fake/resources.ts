import type { Choices, PlannedResource, StackRole } from "../bindings.gen.ts";

/** A resource as the fake planner knows it: what the plan shows, plus how long AWS would need. */
export type FakeResource = {
  id: string;
  type: string;
  description: string;
  properties: Record<string, string>;
  /** Seconds from the start of its stack. */
  from: number;
  to: number;
};

const r = (id: string, type: string, description: string, from: number, to: number, properties: Record<string, string> = {}): FakeResource => ({ id, type, description, from, to, properties });

/** What CloudFront takes from us-east-1 only. */
export function edgeResources(c: Choices): FakeResource[] {
  return [
    ...(c.domain ? [r("Certificate", "AWS::CertificateManager::Certificate", `Certificate of ${c.domain.name}`, 0, 9, { DomainName: c.domain.name })] : []),
    ...(c.webFirewall ? [r("WebFirewall", "AWS::WAFv2::WebACL", "Refuses known attacks", 0, 4, { Scope: "CLOUDFRONT" })] : []),
  ];
}

/** The resources of one stack for these choices. */
export function resourcesOf(role: StackRole, c: Choices): FakeResource[] {
  if (role === "edge") return edgeResources(c);
  if (role === "pipeline") {
    return [
      r("ArtifactBucket", "AWS::S3::Bucket", "Files handed from step to step of the pipeline", 0, 3, { BucketName: `!Sub ${c.app}-artifacts-\${AWS::AccountId}` }),
      r("ImageRepository", "AWS::ECR::Repository", "Built images of the API", 0, 2, { RepositoryName: `zonke/${c.app}`, ImageTagMutability: "IMMUTABLE" }),
      r("StackRole", "AWS::IAM::Role", "Lets CloudFormation build the other two stacks", 1, 5, { Path: `/zonke/${c.app}/` }),
      r("BuildRole", "AWS::IAM::Role", "Lets the builds write images and files", 1, 5, { Path: `/zonke/${c.app}/` }),
      r("PipelineRole", "AWS::IAM::Role", "Lets the pipeline start its steps", 1, 6, { Path: `/zonke/${c.app}/` }),
      r("ApiBuild", "AWS::CodeBuild::Project", "Builds the API into an image", 5, 7, { ServiceRole: "!GetAtt BuildRole.Arn" }),
      r("UiBuild", "AWS::CodeBuild::Project", "Builds the front end", 5, 7, { ServiceRole: "!GetAtt BuildRole.Arn" }),
      r("Pipeline", "AWS::CodePipeline::Pipeline", `Releases every commit to ${c.branch}${c.releaseOn === "everyCommit" ? "" : " that touches the application"}`, 7, 9, { PipelineType: "V2", RoleArn: "!GetAtt PipelineRole.Arn" }),
    ];
  }
  if (role === "base") {
    const made = c.network ? [] : [
      r("Vpc", "AWS::EC2::VPC", "Network of its own", 0, 3, { CidrBlock: "10.20.0.0/16", EnableDnsHostnames: "true" }),
      r("PublicSubnetA", "AWS::EC2::Subnet", "Public subnet in the first zone", 3, 5, { CidrBlock: "10.20.0.0/24", VpcId: "!Ref Vpc" }),
      r("PublicSubnetB", "AWS::EC2::Subnet", "Public subnet in the second zone", 3, 5, { CidrBlock: "10.20.1.0/24", VpcId: "!Ref Vpc" }),
      r("PrivateSubnetA", "AWS::EC2::Subnet", "Servers' subnet in the first zone", 3, 5, { CidrBlock: "10.20.16.0/22", VpcId: "!Ref Vpc" }),
      r("PrivateSubnetB", "AWS::EC2::Subnet", "Servers' subnet in the second zone", 3, 5, { CidrBlock: "10.20.20.0/22", VpcId: "!Ref Vpc" }),
      r("NatGateway", "AWS::EC2::NatGateway", "Way out for the servers, no way in", 5, 14, { SubnetId: "!Ref PublicSubnetA" }),
    ];
    const list = [
      ...made,
      r("AlbSecurityGroup", "AWS::EC2::SecurityGroup", "Admits CloudFront to the load balancer", 4, 7, { VpcId: "!Ref Vpc" }),
      r("ServerSecurityGroup", "AWS::EC2::SecurityGroup", "Admits the load balancer to the servers", 7, 9, { VpcId: "!Ref Vpc" }),
      r("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "Spreads requests over the servers", 8, 20, { Scheme: c.origin === "vpcOrigin" ? "internal" : "internet-facing" }),
      r("ApiTargets", "AWS::ElasticLoadBalancingV2::TargetGroup", "Healthy servers", 6, 8, { HealthCheckPath: "/api/health" }),
      r("UiBucket", "AWS::S3::Bucket", "Files of the front end, private", 0, 3),
      r("AppSecret", "AWS::SecretsManager::Secret", "The application's secrets", 0, 2, { Name: `${c.app}/app` }),
      r("Cluster", "AWS::ECS::Cluster", "Home of the servers", 2, 5, { ClusterName: c.app }),
      r("LogGroup", "AWS::Logs::LogGroup", "Output of the servers, kept 30 days", 0, 1, { LogGroupName: `/zonke/${c.app}/api` }),
      r("Distribution", "AWS::CloudFront::Distribution", "Public address, close to visitors", 20, 36, { HttpVersion: "http2and3" }),
      r("SpaRouter", "AWS::CloudFront::Function", "Sends routes of the front end to its start page", 16, 19),
    ];
    if (c.origin === "vpcOrigin") list.push(r("ApiOrigin", "AWS::CloudFront::VpcOrigin", "CloudFront's way into the private network", 19, 20));
    if (c.launch === "ec2") {
      list.push(r("Machines", "AWS::AutoScaling::AutoScalingGroup", "Machines that carry the servers", 9, 18), r("CapacityProvider", "AWS::ECS::CapacityProvider", "Adds and removes machines", 18, 20));
    }
    if (c.database !== "none") {
      list.push(
        r("DatabaseSubnetA", "AWS::EC2::Subnet", "Subnet without a way out, first zone", 3, 5, { CidrBlock: "10.20.32.0/24", VpcId: "!Ref Vpc" }),
        r("DatabaseSubnetB", "AWS::EC2::Subnet", "Subnet without a way out, second zone", 3, 5, { CidrBlock: "10.20.33.0/24", VpcId: "!Ref Vpc" }),
        r("DatabaseSecurityGroup", "AWS::EC2::SecurityGroup", "Admits only the servers and the migrations", 9, 11, { VpcId: "!Ref Vpc" }),
        r("DatabaseSecret", "AWS::SecretsManager::Secret", "Credentials of the database", 0, 2, { Name: `${c.app}/db` }),
        r("Database", c.databaseOptions?.aurora ? "AWS::RDS::DBCluster" : "AWS::RDS::DBInstance", c.database === "postgres" ? "PostgreSQL database" : "MySQL database", 11, 32, { Engine: c.database === "postgres" ? "postgres" : "mysql", PubliclyAccessible: "false", StorageEncrypted: "true" }),
        r("Migrator", "AWS::Lambda::Function", "Runs the Prisma migrations", 32, 35, { Runtime: "nodejs22.x" }),
      );
    }
    return list;
  }
  return [
    r("TaskRole", "AWS::IAM::Role", "What the servers may do in AWS", 0, 4, { Path: `/zonke/${c.app}/` }),
    r("TaskDefinition", "AWS::ECS::TaskDefinition", "How a server is started", 4, 5, { Cpu: String(c.servers.cpuUnits), Memory: String(c.servers.memoryMib) }),
    r("Service", "AWS::ECS::Service", "Keeps the servers running", 5, 14, { ServiceName: `${c.app}-api`, TaskDefinition: "!Ref TaskDefinition" }),
    r("ScalingTarget", "AWS::ApplicationAutoScaling::ScalableTarget", "How many servers there may be", 14, 15, { MinCapacity: String(c.servers.min), MaxCapacity: String(c.servers.max) }),
  ];
}

/** Renders a template and notes the first line of each resource. */
export function renderTemplate(app: string, role: StackRole, resources: FakeResource[]): { text: string; rows: PlannedResource[] } {
  const purpose = { pipeline: "builds and releases the code", base: "network, edge and data", service: "the servers", edge: "certificate and web firewall", deployer: "who may deploy it" }[role];
  const lines = ['AWSTemplateFormatVersion: "2010-09-09"', `Description: "${app}: ${purpose}"`, "", "Resources:"];
  const rows: PlannedResource[] = [];
  for (const resource of resources) {
    lines.push(`  # ${resource.description}.`);
    rows.push({ logicalId: resource.id, resourceType: resource.type, description: resource.description, line: lines.length + 1 });
    lines.push(`  ${resource.id}:`, `    Type: ${resource.type}`);
    const entries = Object.entries(resource.properties);
    if (entries.length > 0) lines.push("    Properties:", ...entries.map(([key, value]) => `      ${key}: ${/^[!\d]|^(true|false)$/.test(value) ? value : `"${value}"`}`));
    lines.push("");
  }
  return { text: `${lines.join("\n").trimEnd()}\n`, rows };
}
