"""ECS and Application Auto Scaling: servers start, scale, roll, fail."""

import uuid

from account import AccountTest, client, eventually
from botocore.exceptions import ClientError


class Servers(AccountTest):
    """One service per test, made by CloudFormation like the app's."""

    def setUp(self):
        super().setUp()
        self.name = "s" + uuid.uuid4().hex[:8]
        self.stack = f"{self.name}-service"

    def template(self):
        container = {
            "Name": "api",
            "Image": {"Ref": "Image"},
            "Essential": True,
            "PortMappings": [{"ContainerPort": "3000"}],
            "Secrets": [
                {
                    "Name": "JWT_SECRET",
                    "ValueFrom": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a:JWT_SECRET::",
                }
            ],
            "LogConfiguration": {
                "LogDriver": "awslogs",
                "Options": {"awslogs-group": "g", "awslogs-region": "us-east-1"},
            },
        }
        task = {
            "Family": f"{self.name}-api",
            "Cpu": "512",
            "Memory": "1024",
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
            "RuntimePlatform": {"CpuArchitecture": "ARM64"},
            "ContainerDefinitions": [container],
        }
        breaker = {
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "MinimumHealthyPercent": 100,
            "MaximumPercent": 200,
        }
        service = {
            "ServiceName": f"{self.name}-api",
            "Cluster": {"Ref": "Cluster"},
            "TaskDefinition": {"Ref": "Task"},
            "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": "1"}],
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"Subnets": [{"Ref": "Subnet"}], "AssignPublicIp": "DISABLED"}
            },
            "ForceNewDeployment": {"EnableForceNewDeployment": True, "ForceNewDeploymentNonce": {"Ref": "Revision"}},
            "DeploymentConfiguration": breaker,
        }
        target = {
            "ServiceNamespace": "ecs",
            "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": {"Fn::Sub": "service/${Cluster}/${Service.Name}"},
            "MinCapacity": {"Ref": "Min"},
            "MaxCapacity": {"Ref": "Max"},
        }
        return {
            "Parameters": {
                "Image": {"Type": "String", "Default": "image@sha256:1"},
                "Revision": {"Type": "String", "Default": "1"},
                "Min": {"Type": "Number", "Default": 1},
                "Max": {"Type": "Number", "Default": 1},
            },
            "Resources": {
                "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.2.0.0/16"}},
                "Subnet": {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.2.4.0/24"},
                },
                "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": self.name}},
                "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
                "Service": {"Type": "AWS::ECS::Service", "Properties": service},
                "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
            },
        }

    def service(self):
        return client("ecs").describe_services(cluster=self.name, services=[f"{self.name}-api"])["services"][0]

    def tasks(self, status="RUNNING"):
        arns = client("ecs").list_tasks(cluster=self.name, desiredStatus=status)["taskArns"]
        return client("ecs").describe_tasks(cluster=self.name, tasks=arns)["tasks"] if arns else []

    def running(self):
        return sorted(task["taskArn"] for task in self.tasks() if task["lastStatus"] == "RUNNING")

    def scale(self, low, high):
        client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{self.name}/{self.name}-api",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=low,
            MaxCapacity=high,
        )

    def test_a_complete_service_runs_with_what_its_definition_says(self):
        self.assertEqual(self.deploy(self.stack, self.template()), "CREATE_COMPLETE")
        service = self.service()
        self.assertEqual((service["desiredCount"], service["runningCount"], service["pendingCount"]), (1, 1, 0))
        self.assertEqual([each["rolloutState"] for each in service["deployments"]], ["COMPLETED"])
        self.assertIn("has reached a steady state", service["events"][0]["message"])
        task = self.tasks()[0]
        self.assertEqual((task["lastStatus"], task["healthStatus"]), ("RUNNING", "HEALTHY"))
        addresses = [
            each["value"] for each in task["attachments"][0]["details"] if each["name"] == "privateIPv4Address"
        ]
        self.assertRegex(addresses[0], r"^10\.2\.4\.")
        definition = client("ecs").describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
        container = definition["containerDefinitions"][0]
        self.assertEqual([each["name"] for each in container["secrets"]], ["JWT_SECRET"])
        self.assertEqual(container["portMappings"][0]["containerPort"], 3000)
        self.assertEqual(definition["runtimePlatform"]["cpuArchitecture"], "ARM64")

    def test_a_range_moves_the_number_of_servers_into_it(self):
        self.deploy(self.stack, self.template())
        self.scale(2, 2)
        self.assertEqual(self.service()["desiredCount"], 2)
        eventually(lambda: len(self.running()) == 2, what="two servers")
        activities = client("application-autoscaling").describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=f"service/{self.name}/{self.name}-api"
        )["ScalingActivities"]
        self.assertIn("minimum capacity was set to 2", activities[0]["Cause"])
        self.scale(1, 3)
        self.assertEqual(self.service()["desiredCount"], 2, "inside the range nothing moves")
        self.scale(0, 0)
        eventually(lambda: self.service()["runningCount"] == 0 and not self.running(), what="no server")
        targets = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        mine = [(t["MinCapacity"], t["MaxCapacity"]) for t in targets if self.name in t["ResourceId"]]
        self.assertEqual(mine, [(0, 0)])
        with self.assertRaisesRegex(ClientError, "cannot be greater"):
            self.scale(3, 1)

    def test_a_stopped_server_is_replaced(self):
        self.deploy(self.stack, self.template())
        before = self.running()
        client("ecs").stop_task(cluster=self.name, task=before[0], reason="by hand")
        eventually(lambda: len(self.running()) == 1 and self.running() != before, what="the replacement")
        stopped = next(task for task in self.tasks("STOPPED") if task["taskArn"] == before[0])
        self.assertEqual(stopped["stoppedReason"], "by hand")

    def test_a_new_nonce_rolls_the_servers_without_a_gap(self):
        self.deploy(self.stack, self.template(), {"Min": "2", "Max": "2"})
        eventually(lambda: len(self.running()) == 2, what="two servers")
        old = set(self.running())
        client("cloudformation").update_stack(
            StackName=self.stack,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Revision", "ParameterValue": "2"}]
            + [{"ParameterKey": key, "UsePreviousValue": True} for key in ("Image", "Min", "Max")],
        )
        seen = set()

        def rolled():
            service = self.service()
            seen.add((service["runningCount"] >= 2, len(service["deployments"])))
            return set(self.running()).isdisjoint(old) and len(self.running()) == 2

        eventually(rolled, what="new servers")
        self.assertEqual({enough for enough, _ in seen}, {True}, "never fewer than asked for")
        self.assertIn((True, 2), seen, "both deployments could be seen")
        self.assertEqual(self.settled(self.stack), "UPDATE_COMPLETE")
        self.assertEqual(len(self.service()["deployments"]), 1)

    def test_servers_that_do_not_start_break_the_rollout_and_the_old_ones_stay(self):
        self.deploy(self.stack, self.template())
        old = self.running()
        reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s)"
        self.faults({"tasks": {f"{self.name}-api": reason}})
        parameters = {"Image": "image@sha256:2"}
        self.assertEqual(self.deploy(self.stack, self.template(), parameters, update=True), "UPDATE_ROLLBACK_COMPLETE")
        self.assertTrue(
            any(
                "Circuit Breaker was triggered" in text
                for name, _, text in self.events(self.stack)
                if name == "Service"
            )
        )
        self.assertTrue(any(task["stoppedReason"] == reason for task in self.tasks("STOPPED")))
        self.faults({})
        eventually(lambda: len(self.running()) == 1, what="the old server or its successor")
        definition = client("ecs").describe_task_definition(taskDefinition=self.service()["taskDefinition"])[
            "taskDefinition"
        ]
        self.assertEqual(definition["containerDefinitions"][0]["image"], "image@sha256:1")
        self.assertTrue(old)

    def test_a_policy_is_kept_and_goes_with_its_target(self):
        template = self.template()
        configuration = {
            "TargetValue": 60,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        }
        policy = {
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": configuration,
        }
        template["Resources"]["Policy"] = {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy}
        self.deploy(self.stack, template)

        def policies():
            found = client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")[
                "ScalingPolicies"
            ]
            return [each["PolicyName"] for each in found if self.name in each["ResourceId"]]

        self.assertEqual(policies(), ["cpu"])
        client("cloudformation").delete_stack(StackName=self.stack)
        eventually(lambda: policies() == [], what="the deletion")
