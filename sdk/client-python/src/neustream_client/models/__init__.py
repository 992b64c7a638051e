"""Contains all the data models used in inputs/outputs"""

from .accepted_invitation_body import AcceptedInvitationBody
from .account_body import AccountBody
from .accounts_body import AccountsBody
from .active_stream_body import ActiveStreamBody
from .active_streams_body import ActiveStreamsBody
from .activity_body import ActivityBody
from .activity_day_body import ActivityDayBody
from .activity_figures_body import ActivityFiguresBody
from .actor_body import ActorBody
from .allow_list_body import AllowListBody
from .api_key_body import ApiKeyBody
from .api_key_change_body import ApiKeyChangeBody
from .api_key_limits_body import ApiKeyLimitsBody
from .api_keys_body import ApiKeysBody
from .app_body import AppBody
from .app_change_body import AppChangeBody
from .appeal_body import AppealBody
from .apps_body import AppsBody
from .audit_entry_body import AuditEntryBody
from .audit_entry_body_after_type_0 import AuditEntryBodyAfterType0
from .audit_entry_body_before_type_0 import AuditEntryBodyBeforeType0
from .audit_log_body import AuditLogBody
from .audit_verification_body import AuditVerificationBody
from .authorize_body import AuthorizeBody
from .authorize_url_body import AuthorizeUrlBody
from .both_factors_body import BothFactorsBody
from .branding_body import BrandingBody
from .branding_body_branding_type_0 import BrandingBodyBrandingType0
from .breaker_body import BreakerBody
from .bundle_body import BundleBody
from .bundle_body_bundle import BundleBodyBundle
from .bundles_body import BundlesBody
from .call_limits_body import CallLimitsBody
from .ceilings_body import CeilingsBody
from .change_email_body import ChangeEmailBody
from .change_password_body import ChangePasswordBody
from .charge_body import ChargeBody
from .charges_body import ChargesBody
from .chat_connector_body import ChatConnectorBody
from .chat_connector_body_config import ChatConnectorBodyConfig
from .chat_connectors_body import ChatConnectorsBody
from .chat_message_body import ChatMessageBody
from .chat_messages_body import ChatMessagesBody
from .check_body import CheckBody
from .check_limits_body import CheckLimitsBody
from .check_result import CheckResult
from .check_status import CheckStatus
from .check_unit import CheckUnit
from .checked_body import CheckedBody
from .checked_limits_body_type_0 import CheckedLimitsBodyType0
from .checked_limits_body_type_1 import CheckedLimitsBodyType1
from .checked_limits_body_type_2 import CheckedLimitsBodyType2
from .checked_limits_body_type_3 import CheckedLimitsBodyType3
from .checked_operation import CheckedOperation
from .client_body import ClientBody
from .client_shown_body import ClientShownBody
from .clients_body import ClientsBody
from .code_body import CodeBody
from .config_error_body import ConfigErrorBody
from .configure_installation_body import ConfigureInstallationBody
from .confirm_body import ConfirmBody
from .confirm_body_returned import ConfirmBodyReturned
from .confirm_email_body import ConfirmEmailBody
from .connect_body import ConnectBody
from .connect_url_body import ConnectUrlBody
from .connection_body import ConnectionBody
from .connections_body import ConnectionsBody
from .connector_body import ConnectorBody
from .created_source_body import CreatedSourceBody
from .decision_body import DecisionBody
from .deletion_body import DeletionBody
from .deletion_confirmation_body import DeletionConfirmationBody
from .deletion_proof_body import DeletionProofBody
from .destination_body import DestinationBody
from .destination_body_config import DestinationBodyConfig
from .destination_body_secrets import DestinationBodySecrets
from .destination_change_body import DestinationChangeBody
from .destination_change_body_config_type_0 import DestinationChangeBodyConfigType0
from .destination_change_body_secrets_type_0 import DestinationChangeBodySecretsType0
from .destination_live_body import DestinationLiveBody
from .destination_sample_body import DestinationSampleBody
from .destinations_body import DestinationsBody
from .development_body import DevelopmentBody
from .difference_body import DifferenceBody
from .egress_body import EgressBody
from .email_body import EmailBody
from .ended_sign_ins_body import EndedSignInsBody
from .ended_stream_body import EndedStreamBody
from .error_body import ErrorBody
from .export_audit_log_format import ExportAuditLogFormat
from .export_body import ExportBody
from .export_platform_audit_log_format import ExportPlatformAuditLogFormat
from .exports_body import ExportsBody
from .fault_body import FaultBody
from .figures_body import FiguresBody
from .former_key_body import FormerKeyBody
from .former_package_body import FormerPackageBody
from .former_packages_body import FormerPackagesBody
from .granted_permission_body import GrantedPermissionBody
from .hand_over_body import HandOverBody
from .health_body import HealthBody
from .health_event_body import HealthEventBody
from .health_sample_body import HealthSampleBody
from .held_plan_body import HeldPlanBody
from .hook_body import HookBody
from .hooks_body import HooksBody
from .identities_body import IdentitiesBody
from .identity_body import IdentityBody
from .impersonate_body import ImpersonateBody
from .impersonation_body import ImpersonationBody
from .installation_body import InstallationBody
from .installation_body_config import InstallationBodyConfig
from .installation_body_secrets import InstallationBodySecrets
from .installation_change_body import InstallationChangeBody
from .installations_body import InstallationsBody
from .invitation_body import InvitationBody
from .invitation_link_body import InvitationLinkBody
from .invitation_preview_body import InvitationPreviewBody
from .joined_body import JoinedBody
from .judge_body import JudgeBody
from .judged_message_body import JudgedMessageBody
from .judgement_body import JudgementBody
from .judgements_body import JudgementsBody
from .limit_warning_body import LimitWarningBody
from .limits_body import LimitsBody
from .listed_plugin_body import ListedPluginBody
from .listed_source_body import ListedSourceBody
from .listed_sources_body import ListedSourcesBody
from .listed_subscription_body import ListedSubscriptionBody
from .listed_subscriptions_body import ListedSubscriptionsBody
from .live_stream_body import LiveStreamBody
from .live_streams_body import LiveStreamsBody
from .log_body import LogBody
from .log_line_body import LogLineBody
from .login_body import LoginBody
from .member_body import MemberBody
from .member_change_body import MemberChangeBody
from .members_body import MembersBody
from .money_body import MoneyBody
from .my_subscription_body import MySubscriptionBody
from .needs_body import NeedsBody
from .new_account_body import NewAccountBody
from .new_api_key_body import NewApiKeyBody
from .new_app_body import NewAppBody
from .new_charge_body import NewChargeBody
from .new_chat_connector_body import NewChatConnectorBody
from .new_chat_connector_body_config import NewChatConnectorBodyConfig
from .new_chat_message_body import NewChatMessageBody
from .new_destination_body import NewDestinationBody
from .new_destination_body_config_type_0 import NewDestinationBodyConfigType0
from .new_destination_body_secrets_type_0 import NewDestinationBodySecretsType0
from .new_installation_body import NewInstallationBody
from .new_installation_body_config_type_0 import NewInstallationBodyConfigType0
from .new_installation_body_secrets_type_0 import NewInstallationBodySecretsType0
from .new_organisation_body import NewOrganisationBody
from .new_partner_body import NewPartnerBody
from .new_partner_tenant_body import NewPartnerTenantBody
from .new_playback_token_body import NewPlaybackTokenBody
from .new_publisher_body import NewPublisherBody
from .new_publisher_key_body import NewPublisherKeyBody
from .new_refund_body import NewRefundBody
from .new_source_body import NewSourceBody
from .new_team_invitation_body import NewTeamInvitationBody
from .new_tenant_body import NewTenantBody
from .next_body import NextBody
from .offered_plan_body import OfferedPlanBody
from .offered_plans_body import OfferedPlansBody
from .on_its_way_body import OnItsWayBody
from .one_api_key_body import OneApiKeyBody
from .one_app_body import OneAppBody
from .one_bundle_body import OneBundleBody
from .one_charge_body import OneChargeBody
from .one_chat_connector_body import OneChatConnectorBody
from .one_destination_body import OneDestinationBody
from .one_export_body import OneExportBody
from .one_installation_body import OneInstallationBody
from .one_member_body import OneMemberBody
from .one_organisation_body import OneOrganisationBody
from .one_partner_body import OnePartnerBody
from .one_plan_body import OnePlanBody
from .one_publisher_body import OnePublisherBody
from .one_refund_body import OneRefundBody
from .one_source_body import OneSourceBody
from .one_suspension_body import OneSuspensionBody
from .one_team_invitation_body import OneTeamInvitationBody
from .one_upgrade_body import OneUpgradeBody
from .organisation_body import OrganisationBody
from .organisation_change_body import OrganisationChangeBody
from .organisations_body import OrganisationsBody
from .own_organisation_body import OwnOrganisationBody
from .owner_body import OwnerBody
from .package_body import PackageBody
from .pagination_body import PaginationBody
from .partner_body import PartnerBody
from .payer_action_body import PayerActionBody
from .payer_action_body_parameters import PayerActionBodyParameters
from .permission_body import PermissionBody
from .pins_body import PinsBody
from .pins_body_pins import PinsBodyPins
from .plan_body import PlanBody
from .plan_ceilings_body import PlanCeilingsBody
from .plan_detail_body import PlanDetailBody
from .plan_details_body import PlanDetailsBody
from .plan_limits_body import PlanLimitsBody
from .plan_price_body import PlanPriceBody
from .plan_terms_body import PlanTermsBody
from .plan_usage_body import PlanUsageBody
from .platform_settings_body import PlatformSettingsBody
from .platform_stats_body import PlatformStatsBody
from .playback_token_body import PlaybackTokenBody
from .plugin_body import PluginBody
from .plugin_detail_body import PluginDetailBody
from .plugin_secret_body import PluginSecretBody
from .plugin_version_body import PluginVersionBody
from .plugins_body import PluginsBody
from .pre_flight_body import PreFlightBody
from .pre_flight_check_body import PreFlightCheckBody
from .previewed_invitation_body import PreviewedInvitationBody
from .problem_body import ProblemBody
from .profile_body import ProfileBody
from .profile_change_body import ProfileChangeBody
from .proof_body import ProofBody
from .provider_body import ProviderBody
from .providers_body import ProvidersBody
from .publisher_body import PublisherBody
from .publisher_key_body import PublisherKeyBody
from .publishers_body import PublishersBody
from .queued_message_body import QueuedMessageBody
from .reason_body import ReasonBody
from .recording_body import RecordingBody
from .recovery_codes_body import RecoveryCodesBody
from .refresh_body import RefreshBody
from .refund_body import RefundBody
from .replay_body import ReplayBody
from .reset_password_body import ResetPasswordBody
from .retention_body import RetentionBody
from .retitled_body import RetitledBody
from .review_body import ReviewBody
from .review_queue_body import ReviewQueueBody
from .reviewed_version_body import ReviewedVersionBody
from .role_body import RoleBody
from .rollback_request_body import RollbackRequestBody
from .rollout_body import RolloutBody
from .rotation_body import RotationBody
from .second_factor_body import SecondFactorBody
from .second_factor_secret_body import SecondFactorSecretBody
from .second_factor_state_body import SecondFactorStateBody
from .second_publisher_body import SecondPublisherBody
from .secret_body import SecretBody
from .secret_connection_body import SecretConnectionBody
from .self_test_body import SelfTestBody
from .session_body import SessionBody
from .set_installation_secrets_body import SetInstallationSecretsBody
from .settings_body import SettingsBody
from .settings_change_body import SettingsChangeBody
from .setup_body import SetupBody
from .sign_in_body import SignInBody
from .sign_in_info_body import SignInInfoBody
from .sign_ins_body import SignInsBody
from .signed_bundle_body import SignedBundleBody
from .signed_bundle_body_bundle import SignedBundleBodyBundle
from .source_body import SourceBody
from .source_change_body import SourceChangeBody
from .sources_body import SourcesBody
from .starting_stream_body import StartingStreamBody
from .state_schema_body import StateSchemaBody
from .stats_body import StatsBody
from .stream_body import StreamBody
from .stream_destination_body import StreamDestinationBody
from .stream_health_body import StreamHealthBody
from .stream_settings_answer_body import StreamSettingsAnswerBody
from .stream_settings_body import StreamSettingsBody
from .streams_body import StreamsBody
from .subscribed_plan_body import SubscribedPlanBody
from .subscription_body import SubscriptionBody
from .suspend_body import SuspendBody
from .suspension_body import SuspensionBody
from .system_body import SystemBody
from .system_check_body import SystemCheckBody
from .system_database_body import SystemDatabaseBody
from .system_disk_body import SystemDiskBody
from .system_memory_body import SystemMemoryBody
from .target_body import TargetBody
from .team_invitation_body import TeamInvitationBody
from .team_invitations_body import TeamInvitationsBody
from .track_body import TrackBody
from .transition_body import TransitionBody
from .upgrade_body import UpgradeBody
from .upgrade_request_body import UpgradeRequestBody
from .usage_body import UsageBody
from .user_body import UserBody
from .verdict_body import VerdictBody
from .verified_email_body import VerifiedEmailBody
from .verify_email_body import VerifyEmailBody
from .version_body import VersionBody
from .visibility_body import VisibilityBody

__all__ = (
    "AcceptedInvitationBody",
    "AccountBody",
    "AccountsBody",
    "ActiveStreamBody",
    "ActiveStreamsBody",
    "ActivityBody",
    "ActivityDayBody",
    "ActivityFiguresBody",
    "ActorBody",
    "AllowListBody",
    "ApiKeyBody",
    "ApiKeyChangeBody",
    "ApiKeyLimitsBody",
    "ApiKeysBody",
    "AppBody",
    "AppChangeBody",
    "AppealBody",
    "AppsBody",
    "AuditEntryBody",
    "AuditEntryBodyAfterType0",
    "AuditEntryBodyBeforeType0",
    "AuditLogBody",
    "AuditVerificationBody",
    "AuthorizeBody",
    "AuthorizeUrlBody",
    "BothFactorsBody",
    "BrandingBody",
    "BrandingBodyBrandingType0",
    "BreakerBody",
    "BundleBody",
    "BundleBodyBundle",
    "BundlesBody",
    "CallLimitsBody",
    "CeilingsBody",
    "ChangeEmailBody",
    "ChangePasswordBody",
    "ChargeBody",
    "ChargesBody",
    "ChatConnectorBody",
    "ChatConnectorBodyConfig",
    "ChatConnectorsBody",
    "ChatMessageBody",
    "ChatMessagesBody",
    "CheckBody",
    "CheckedBody",
    "CheckedLimitsBodyType0",
    "CheckedLimitsBodyType1",
    "CheckedLimitsBodyType2",
    "CheckedLimitsBodyType3",
    "CheckedOperation",
    "CheckLimitsBody",
    "CheckResult",
    "CheckStatus",
    "CheckUnit",
    "ClientBody",
    "ClientsBody",
    "ClientShownBody",
    "CodeBody",
    "ConfigErrorBody",
    "ConfigureInstallationBody",
    "ConfirmBody",
    "ConfirmBodyReturned",
    "ConfirmEmailBody",
    "ConnectBody",
    "ConnectionBody",
    "ConnectionsBody",
    "ConnectorBody",
    "ConnectUrlBody",
    "CreatedSourceBody",
    "DecisionBody",
    "DeletionBody",
    "DeletionConfirmationBody",
    "DeletionProofBody",
    "DestinationBody",
    "DestinationBodyConfig",
    "DestinationBodySecrets",
    "DestinationChangeBody",
    "DestinationChangeBodyConfigType0",
    "DestinationChangeBodySecretsType0",
    "DestinationLiveBody",
    "DestinationSampleBody",
    "DestinationsBody",
    "DevelopmentBody",
    "DifferenceBody",
    "EgressBody",
    "EmailBody",
    "EndedSignInsBody",
    "EndedStreamBody",
    "ErrorBody",
    "ExportAuditLogFormat",
    "ExportBody",
    "ExportPlatformAuditLogFormat",
    "ExportsBody",
    "FaultBody",
    "FiguresBody",
    "FormerKeyBody",
    "FormerPackageBody",
    "FormerPackagesBody",
    "GrantedPermissionBody",
    "HandOverBody",
    "HealthBody",
    "HealthEventBody",
    "HealthSampleBody",
    "HeldPlanBody",
    "HookBody",
    "HooksBody",
    "IdentitiesBody",
    "IdentityBody",
    "ImpersonateBody",
    "ImpersonationBody",
    "InstallationBody",
    "InstallationBodyConfig",
    "InstallationBodySecrets",
    "InstallationChangeBody",
    "InstallationsBody",
    "InvitationBody",
    "InvitationLinkBody",
    "InvitationPreviewBody",
    "JoinedBody",
    "JudgeBody",
    "JudgedMessageBody",
    "JudgementBody",
    "JudgementsBody",
    "LimitsBody",
    "LimitWarningBody",
    "ListedPluginBody",
    "ListedSourceBody",
    "ListedSourcesBody",
    "ListedSubscriptionBody",
    "ListedSubscriptionsBody",
    "LiveStreamBody",
    "LiveStreamsBody",
    "LogBody",
    "LoginBody",
    "LogLineBody",
    "MemberBody",
    "MemberChangeBody",
    "MembersBody",
    "MoneyBody",
    "MySubscriptionBody",
    "NeedsBody",
    "NewAccountBody",
    "NewApiKeyBody",
    "NewAppBody",
    "NewChargeBody",
    "NewChatConnectorBody",
    "NewChatConnectorBodyConfig",
    "NewChatMessageBody",
    "NewDestinationBody",
    "NewDestinationBodyConfigType0",
    "NewDestinationBodySecretsType0",
    "NewInstallationBody",
    "NewInstallationBodyConfigType0",
    "NewInstallationBodySecretsType0",
    "NewOrganisationBody",
    "NewPartnerBody",
    "NewPartnerTenantBody",
    "NewPlaybackTokenBody",
    "NewPublisherBody",
    "NewPublisherKeyBody",
    "NewRefundBody",
    "NewSourceBody",
    "NewTeamInvitationBody",
    "NewTenantBody",
    "NextBody",
    "OfferedPlanBody",
    "OfferedPlansBody",
    "OneApiKeyBody",
    "OneAppBody",
    "OneBundleBody",
    "OneChargeBody",
    "OneChatConnectorBody",
    "OneDestinationBody",
    "OneExportBody",
    "OneInstallationBody",
    "OneMemberBody",
    "OneOrganisationBody",
    "OnePartnerBody",
    "OnePlanBody",
    "OnePublisherBody",
    "OneRefundBody",
    "OneSourceBody",
    "OneSuspensionBody",
    "OneTeamInvitationBody",
    "OneUpgradeBody",
    "OnItsWayBody",
    "OrganisationBody",
    "OrganisationChangeBody",
    "OrganisationsBody",
    "OwnerBody",
    "OwnOrganisationBody",
    "PackageBody",
    "PaginationBody",
    "PartnerBody",
    "PayerActionBody",
    "PayerActionBodyParameters",
    "PermissionBody",
    "PinsBody",
    "PinsBodyPins",
    "PlanBody",
    "PlanCeilingsBody",
    "PlanDetailBody",
    "PlanDetailsBody",
    "PlanLimitsBody",
    "PlanPriceBody",
    "PlanTermsBody",
    "PlanUsageBody",
    "PlatformSettingsBody",
    "PlatformStatsBody",
    "PlaybackTokenBody",
    "PluginBody",
    "PluginDetailBody",
    "PluginsBody",
    "PluginSecretBody",
    "PluginVersionBody",
    "PreFlightBody",
    "PreFlightCheckBody",
    "PreviewedInvitationBody",
    "ProblemBody",
    "ProfileBody",
    "ProfileChangeBody",
    "ProofBody",
    "ProviderBody",
    "ProvidersBody",
    "PublisherBody",
    "PublisherKeyBody",
    "PublishersBody",
    "QueuedMessageBody",
    "ReasonBody",
    "RecordingBody",
    "RecoveryCodesBody",
    "RefreshBody",
    "RefundBody",
    "ReplayBody",
    "ResetPasswordBody",
    "RetentionBody",
    "RetitledBody",
    "ReviewBody",
    "ReviewedVersionBody",
    "ReviewQueueBody",
    "RoleBody",
    "RollbackRequestBody",
    "RolloutBody",
    "RotationBody",
    "SecondFactorBody",
    "SecondFactorSecretBody",
    "SecondFactorStateBody",
    "SecondPublisherBody",
    "SecretBody",
    "SecretConnectionBody",
    "SelfTestBody",
    "SessionBody",
    "SetInstallationSecretsBody",
    "SettingsBody",
    "SettingsChangeBody",
    "SetupBody",
    "SignedBundleBody",
    "SignedBundleBodyBundle",
    "SignInBody",
    "SignInInfoBody",
    "SignInsBody",
    "SourceBody",
    "SourceChangeBody",
    "SourcesBody",
    "StartingStreamBody",
    "StateSchemaBody",
    "StatsBody",
    "StreamBody",
    "StreamDestinationBody",
    "StreamHealthBody",
    "StreamsBody",
    "StreamSettingsAnswerBody",
    "StreamSettingsBody",
    "SubscribedPlanBody",
    "SubscriptionBody",
    "SuspendBody",
    "SuspensionBody",
    "SystemBody",
    "SystemCheckBody",
    "SystemDatabaseBody",
    "SystemDiskBody",
    "SystemMemoryBody",
    "TargetBody",
    "TeamInvitationBody",
    "TeamInvitationsBody",
    "TrackBody",
    "TransitionBody",
    "UpgradeBody",
    "UpgradeRequestBody",
    "UsageBody",
    "UserBody",
    "VerdictBody",
    "VerifiedEmailBody",
    "VerifyEmailBody",
    "VersionBody",
    "VisibilityBody",
)
